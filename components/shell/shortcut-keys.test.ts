import { describe, expect, it } from "vitest";
import { parseKeys, stepSequence } from "@/components/shell/shortcut-keys";

const SHORTCUTS = ["g f", "g r", "j", "mod+k", "?", "Escape"].map(parseKeys);
const press = (key: string, mod = false) => ({ key, mod });

describe("stepSequence", () => {
  it("matches a single key", () => {
    expect(stepSequence(SHORTCUTS, [], press("j"))).toEqual({ match: 2, pending: [] });
    expect(stepSequence(SHORTCUTS, [], press("J"))).toEqual({ match: 2, pending: [] });
    expect(stepSequence(SHORTCUTS, [], press("Escape"))).toEqual({ match: 5, pending: [] });
    expect(stepSequence(SHORTCUTS, [], press("?"))).toEqual({ match: 4, pending: [] });
  });

  it("waits for the second key of a sequence", () => {
    const first = stepSequence(SHORTCUTS, [], press("g"));
    expect(first).toEqual({ match: null, pending: ["g"] });
    expect(stepSequence(SHORTCUTS, first.pending, press("r"))).toEqual({ match: 1, pending: [] });
  });

  it("drops a sequence that leads nowhere and takes the key by itself", () => {
    expect(stepSequence(SHORTCUTS, ["g"], press("j"))).toEqual({ match: 2, pending: [] });
    expect(stepSequence(SHORTCUTS, ["g"], press("x"))).toEqual({ match: null, pending: [] });
  });

  it("tells a modified key from a plain one", () => {
    expect(stepSequence(SHORTCUTS, [], press("k", true)).match).toBe(3);
    expect(stepSequence(SHORTCUTS, [], press("k")).match).toBeNull();
    expect(stepSequence(SHORTCUTS, [], press("j", true)).match).toBeNull();
  });
});
