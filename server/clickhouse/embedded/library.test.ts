import path from "node:path";

import { describe, expect, it } from "vitest";

import { LibraryUnavailableError, findLibrary } from "./library.mjs";

const installed = { resolve: () => "/nowhere/package.json" };

function refusal(machine: Parameters<typeof findLibrary>[0]): string {
  try {
    findLibrary(machine);
  } catch (error) {
    if (error instanceof LibraryUnavailableError) return error.message;
    throw error;
  }
  throw new Error("It was found.");
}

describe("findLibrary", () => {
  it("finds the engine of this machine", () => {
    expect(path.basename(findLibrary())).toBe("libchdb.so");
  });

  it.each([
    [
      "Windows",
      { ...installed, platform: "win32", arch: "x64", musl: false },
      /does not run on Windows.*WSL 2/,
    ],
    [
      "another system",
      { ...installed, platform: "freebsd", arch: "x64", musl: false },
      /does not exist for freebsd on x64/,
    ],
    [
      "another processor",
      { ...installed, platform: "linux", arch: "riscv64", musl: false },
      /for linux on riscv64/,
    ],
    [
      "musl",
      { ...installed, platform: "linux", arch: "x64", musl: true },
      /needs glibc; this Linux uses musl/,
    ],
    [
      "a half package",
      { ...installed, platform: "linux", arch: "x64", musl: false },
      /libchdb\.so is missing/,
    ],
    [
      "a package that is not there",
      {
        platform: "darwin",
        arch: "arm64",
        musl: false,
        resolve: () => {
          throw new Error("Cannot find module");
        },
      },
      /@chdb\/lib-darwin-arm64.*is not installed/,
    ],
  ])("says what is wrong on %s, and what to do instead", (_, machine, message) => {
    expect(refusal(machine)).toMatch(message);
    expect(refusal(machine)).toContain("CLICKHOUSE_URL");
  });
});
