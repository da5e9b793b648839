import { expect, it } from "vitest";
import { showId } from "./show-id";

it.each([
  ["48213", "48213"],
  ["line\nbreak", "line\\nbreak"],
  ['a"b\\c', 'a"b\\c'],
  ["0123456789abcdefghij", "0123456…hij"],
])("shows an id in a line", (id, shown) => {
  expect(showId(id, 11)).toBe(shown);
});
