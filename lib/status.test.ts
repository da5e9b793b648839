import { describe, expect, it } from "vitest";
import {
  CAUSES,
  causeSpec,
  freshness,
  healthStatus,
  isOpenRun,
  isRunState,
  RUN_STATES,
  runStatus,
  runWord,
  stepWord,
  worstHealth,
} from "@/lib/status";

describe("run states", () => {
  it("have a word, an icon and a hue each, and no word twice", () => {
    const words = RUN_STATES.map((state) => runStatus(state).word);
    expect(new Set(words).size).toBe(RUN_STATES.length);
    expect(new Set(RUN_STATES.map((state) => runStatus(state).icon)).size).toBe(RUN_STATES.length);
  });

  it("say what is known", () => {
    expect(runWord("running", { step: "Merging" })).toBe("Merging");
    expect(runWord("running")).toBe("Running");
    expect(runWord("retrying", { attempt: 2, attempts: 3 })).toBe("Retrying 2/3");
    expect(runWord("retrying", { attempt: 2 })).toBe("Retrying 2");
    expect(runWord("stalled", { stalledMinutes: 11 })).toBe("Stalled 11 min");
    expect(runWord("succeeded", { step: "Merging", attempt: 2 })).toBe("Succeeded");
  });

  it("are open or closed", () => {
    expect(RUN_STATES.filter(isOpenRun)).toEqual([
      "queued",
      "running",
      "retrying",
      "stalled",
      "waiting_approval",
    ]);
    expect(isRunState("failed")).toBe(true);
    expect(isRunState("exploded")).toBe(false);
  });

  it("name the step in hand", () => {
    expect(stepWord("audit")).toBe("Validating");
    expect(stepWord("dance")).toBeUndefined();
    expect(stepWord(null)).toBeUndefined();
  });
});

describe("health", () => {
  it("is the worst of its parts", () => {
    expect(worstHealth(["healthy", "warning", "healthy"])).toBe("warning");
    expect(worstHealth(["unknown", "healthy"])).toBe("unknown");
    expect(worstHealth([])).toBe("unknown");
    expect(healthStatus(worstHealth(["degraded", "warning"])).word).toBe("Degraded");
  });
});

describe("freshness", () => {
  it("is within until the target has passed", () => {
    expect(freshness(1800, 1800)).toBe("within");
    expect(freshness(1801, 1800)).toBe("late");
    expect(freshness(null, 1800)).toBe("never");
  });

  it("is blocked only past the target and for a blocking cause", () => {
    const blocked = CAUSES.filter((cause) => freshness(3600, 1800, cause) === "blocked");
    expect(blocked).toEqual(["held", "rejected", "merging"]);
    expect(freshness(60, 1800, "held")).toBe("within");
    expect(causeSpec("no_file").word).toBe("no file");
  });
});
