import { describe, expect, it } from "vitest";

import { splitStatements } from "./split-statements";

describe("splitStatements", () => {
  it("cuts at semicolons and drops empty statements", () => {
    expect(splitStatements("SELECT 1;\n\n;SELECT 2 ;\n")).toEqual(["SELECT 1", "SELECT 2"]);
  });

  it("leaves semicolons in strings, quoted names and comments alone", () => {
    const sql = "SELECT 'a;b', 'it''s; \\'; x', `c;d`, \"e;f\" -- g;h\nFROM t /* i;j */";
    expect(splitStatements(`${sql};\nSELECT 2`)).toEqual([sql, "SELECT 2"]);
  });

  it("drops comments between statements", () => {
    expect(
      splitStatements("-- one; two\nSELECT 1;\n/* three; */\nSELECT 4 - 3 / 2;\n-- the end"),
    ).toEqual(["SELECT 1", "SELECT 4 - 3 / 2"]);
  });

  it("finds no statement in a file of comments", () => {
    expect(splitStatements("-- nothing; here\n")).toEqual([]);
  });
});
