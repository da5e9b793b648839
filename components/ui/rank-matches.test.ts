import { describe, expect, it } from "vitest";
import { rankMatches } from "@/components/ui/rank-matches";

const ENTRIES = [
  { label: "Harbor Point IT", keywords: ["harbor"] },
  { label: "Point Clear" },
  { label: "Appointments" },
  { label: "Runs", keywords: ["point-of-sale"] },
];
const labels = (typed: string) => rankMatches(ENTRIES, typed).map((entry) => entry.label);

describe("rankMatches", () => {
  it("keeps everything while nothing is typed", () => expect(labels(" ")).toHaveLength(4));
  it("puts the beginning of a name before a word, a part and a keyword", () => {
    expect(labels("point")).toEqual(["Point Clear", "Harbor Point IT", "Appointments", "Runs"]);
  });
  it("wants every word", () => {
    expect(labels("it harb")).toEqual(["Harbor Point IT"]);
    expect(labels("it zzz")).toEqual([]);
  });
});
