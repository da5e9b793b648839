import { expect, it } from "vitest";
import { changedTopics } from "./change-marks";

it("names topics whose mark is new, gone or other", () => {
  const before = new Map([
    ["fleet", "1"],
    ["run:a", "5"],
    ["run:b", "1"],
  ]);
  const after = new Map([
    ["fleet", "1"],
    ["run:a", "6"],
    ["run:c", "1"],
  ]);
  expect(changedTopics(before, after)).toEqual(["run:a", "run:b", "run:c"]);
});
