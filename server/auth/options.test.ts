import { describe, expect, it } from "vitest";
import { addressOf } from "./options";

describe("addressOf", () => {
  it.each([
    ["10.0.0.1", "10.0.0.1"],
    ["::ffff:127.0.0.1", "127.0.0.1"],
    ["::1", "::1"],
    ["1.2.3.4, 10.0.0.9", "10.0.0.9"],
    ["forged, forged , 2001:db8::7", "2001:db8::7"],
    ["", "unknown"],
    [undefined, "unknown"],
    [["a"], "unknown"],
    ["x".repeat(5_000), "x".repeat(100)],
  ])("reads %j as %s", (header, address) => {
    expect(addressOf({ "x-forwarded-for": header })).toBe(address);
  });

  it("does without headers", () => {
    expect(addressOf(undefined)).toBe("unknown");
  });
});
