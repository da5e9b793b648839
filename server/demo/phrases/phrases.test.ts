import { describe, expect, it } from "vitest";
import { english } from "./english";
import { german } from "./german";
import { nordic } from "./nordic";

describe.each([
  ["German", german],
  ["English", english],
  ["Nordic", nordic],
])("the %s phrase book", (_name, book) => {
  it("has a description for every summary", () => {
    for (const { summaries, descriptions } of book.issues) {
      expect([summaries[0], descriptions.length]).toEqual([summaries[0], summaries.length]);
    }
  });

  it("can complete every place in its phrases", () => {
    const phrases = book.issues.flatMap(({ summaries, descriptions }) => [
      ...summaries,
      ...descriptions,
    ]);
    const places = phrases.flatMap((phrase) =>
      [...phrase.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name),
    );
    expect(places.filter((name) => !book.fill[name])).toEqual([]);
  });
});
