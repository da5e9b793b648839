import { describe, expect, it } from "vitest";
import { safeCallbackPath } from "./callback-url";

describe("safeCallbackPath", () => {
  it.each(["/", "/runs", "/t/acme/entities/tickets/T-1?version=3#diff", "/audit?actor=ann%40x"])(
    "keeps %s",
    (path) => {
      expect(safeCallbackPath(path)).toBe(path);
    },
  );

  it.each([
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/./\\/evil.example",
    "/.//evil.example",
    "javascript:alert(1)",
    "runs",
    "",
    " /runs",
    "/login?callbackUrl=/login",
    "/api/auth/signout",
    `/${"x".repeat(3_000)}`,
    undefined,
    null,
    42,
    ["/runs"],
  ])("sends %j to the front page", (wanted) => {
    expect(safeCallbackPath(wanted)).toBe("/");
  });

  it("leaves nothing that a browser would take for another site", () => {
    for (const wanted of [
      "/\t/evil.example",
      "/a/../../\\evil.example",
      "/a/..//evil.example",
      "/%2f%2fevil.example",
    ]) {
      const target = new URL(safeCallbackPath(wanted), "http://console.test");
      expect(target.origin).toBe("http://console.test");
    }
  });
});
