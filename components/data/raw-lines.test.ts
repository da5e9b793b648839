import { describe, expect, it } from "vitest";
import { rawLines } from "@/components/data/raw-lines";

const texts = (raw: string) =>
  rawLines(raw).map((line) => line.tokens.map((token) => token.text).join(""));

describe("rawLines", () => {
  it("breaks a record after its commas", () => {
    expect(texts('{"id":1,"name":"A, B","tags":["x","y"],"deep":{"a":1}}')).toEqual([
      "{",
      '  "id": 1,',
      '  "name": "A, B",',
      '  "tags": ["x","y"],',
      '  "deep": {"a":1}',
      "}",
    ]);
  });

  it("keeps what parsing would lose", () => {
    const raw = '{"id":12345678901234567890,"id":2,"e":1.50,"s":"a\\u0000b \\" }"}';
    expect(texts(raw)).toEqual([
      "{",
      '  "id": 12345678901234567890,',
      '  "id": 2,',
      '  "e": 1.50,',
      '  "s": "a\\u0000b \\" }"',
      "}",
    ]);
    expect(rawLines(raw).map((line) => line.key)).toEqual([null, "id", "id", "e", "s", null]);
  });

  it("shows what is not a record as it is", () => {
    expect(texts('{"id": 1')).toEqual(['{"id": 1']);
    expect(texts("[1,2]")).toEqual(["[1,2]"]);
    expect(texts("a\nb")).toEqual(["a", "b"]);
    expect(texts('{"a":1}{"b":2}')).toEqual(['{"a":1}{"b":2}']);
    expect(texts("{}")).toEqual(["{", "}"]);
  });

  it("cuts a line that is too long to show", () => {
    const lines = texts(`{"a":"${"x".repeat(5000)}"}`);
    expect(lines[1]?.length).toBeLessThan(2100);
    expect(lines[1]?.endsWith("…")).toBe(true);
  });
});
