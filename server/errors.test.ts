import { describe, expect, it } from "vitest";
import { ClickHouseError } from "@/server/clickhouse/error";
import { AppError, ERROR_CODES, toProblem, type ErrorCode } from "./errors";

const SECRET = "SELECT password_hash FROM users -- hunter2 at /srv/data/console.json";

describe("toProblem", () => {
  it("has the RFC 9457 members, our code and the reference", () => {
    const problem = toProblem(
      new AppError("conflict", "A run of this tenant is under way."),
      "ref-1",
    );
    expect(problem).toEqual({
      type: "urn:avesa:problem:conflict",
      title: "This cannot be done now",
      status: 409,
      detail: "A run of this tenant is under way.",
      code: "conflict",
      referenceId: "ref-1",
    });
  });

  it.each(Object.keys(ERROR_CODES) as ErrorCode[])("never shows the cause of %s", (code) => {
    const shown = JSON.stringify(
      toProblem(new AppError(code, "fine words", { cause: new Error(SECRET) }), "r"),
    );
    expect(shown).not.toContain("SELECT");
    expect(shown).not.toContain("hunter2");
  });

  it("replaces the text of whatever is our fault", () => {
    for (const error of [
      new Error(SECRET),
      new AppError("internal", SECRET),
      SECRET,
      null,
      { message: SECRET },
    ]) {
      const problem = toProblem(error, "r");
      expect(problem.status).toBe(500);
      expect(JSON.stringify(problem)).not.toMatch(/SELECT|hunter2|\/srv/);
    }
  });

  it("tells a store that is away and one that is slow from a fault of ours", () => {
    const refused = new ClickHouseError("users.find", 0, "CONNECTION_FAILED", true, SECRET);
    expect(toProblem(refused, "r").code).toBe("store-unavailable");
    const slow = new ClickHouseError("users.find", 159, "TIMEOUT_EXCEEDED", true, SECRET);
    expect(toProblem(slow, "r")).toMatchObject({ code: "timeout", status: 504 });
    expect(
      toProblem(new ClickHouseError("users.find", 62, "SYNTAX_ERROR", false, SECRET), "r").code,
    ).toBe("internal");
    expect(JSON.stringify([toProblem(slow, "r"), toProblem(refused, "r")])).not.toMatch(
      /SELECT|hunter2/,
    );
  });

  it("carries faults of the input and the time to wait", () => {
    const fault = { path: "mode", message: "Expected bulk or incremental" };
    expect(
      toProblem(new AppError("invalid-input", "No.", { faults: [fault] }), "r").faults,
    ).toEqual([fault]);
    expect(
      toProblem(new AppError("throttled", "Wait.", { retryAfterSeconds: 30 }), "r")
        .retryAfterSeconds,
    ).toBe(30);
  });
});
