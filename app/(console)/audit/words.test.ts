import { describe, expect, it } from "vitest";
import { changeInWords } from "./words";

describe("changeInWords", () => {
  it.each([
    ["", "", ""],
    ['"viewer"', '"operator"', "viewer → operator"],
    ["", '{"mode":"bulk","tables":["tickets","contacts"]}', "mode bulk, tables tickets, contacts"],
    ['{"disabled":false}', '{"disabled":true}', "disabled false → true"],
    [
      '{"paused":false,"pausedBy":"","every":15}',
      '{"paused":true,"pausedBy":"ann","every":15}',
      "paused false → true, paused by none → ann",
    ],
    ["", '{"cut":"off he', '{"cut":"off he'],
    ["", "null", "null"],
  ])("says %j to %j as %j", (before, after, expected) => {
    expect(changeInWords(before, after)).toBe(expected);
  });
});
