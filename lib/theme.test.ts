import { describe, expect, it } from "vitest";
import { parseTheme, parseZone } from "@/lib/theme";

describe("parseTheme", () => {
  it("knows three words and takes the system's for the rest", () => {
    expect(parseTheme("dark")).toBe("dark");
    expect(parseTheme("light")).toBe("light");
    expect(parseTheme("purple")).toBe("system");
    expect(parseTheme(undefined)).toBe("system");
  });
});

describe("parseZone", () => {
  it("keeps a known zone and falls back to UTC", () => {
    expect(parseZone("Europe/Stockholm")).toBe("Europe/Stockholm");
    expect(parseZone("Europe/Atlantis")).toBe("UTC");
    expect(parseZone(undefined)).toBe("UTC");
  });
});
