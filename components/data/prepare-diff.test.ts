import { describe, expect, it } from "vitest";
import { changedWords, splitFields } from "@/components/data/prepare-diff";

describe("splitFields", () => {
  it("tells null from empty and text from number", () => {
    const { changed, equal } = splitFields([
      { name: "status", a: "Open", b: "Open" },
      { name: "owner", a: null, b: "" },
      { name: "hours", a: "1", b: 1 },
      { name: "city", a: null, b: null },
    ]);
    expect(changed.map((field) => field.name)).toEqual(["owner", "hours"]);
    expect(equal.map((field) => field.name)).toEqual(["status", "city"]);
  });
});

describe("changedWords", () => {
  const a = "Outlook asks for the password again and again since Monday morning";
  it("marks only the words that are new", () => {
    const parts = changedWords(a, a.replace("Monday", "Tuesday"));
    expect(parts?.filter((part) => part.changed).map((part) => part.text)).toEqual(["Tuesday"]);
    expect(parts?.map((part) => part.text).join("")).toBe(a.replace("Monday", "Tuesday"));
  });
  it("leaves short and wholly new text alone", () => {
    expect(changedWords("Medium", "High")).toBeNull();
    expect(changedWords(a, "x".repeat(60))).toBeNull();
    expect(changedWords(null, a)).toBeNull();
  });
});
