import { describe, expect, it } from "vitest";
import { type Place, type PlaceClaim, Places } from "./places";

const never = new AbortController().signal;
const LATE = Date.now() + 600_000;
const claim = (tenantId: string, weight = 2, tenantLimit = 6): PlaceClaim => ({
  tenantId,
  weight,
  tenantLimit,
  runId: "",
});

/** Lets everything that is ready to go on do so. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

/** Places with a clock that only moves by hand, and a diary of who was let in. */
function scene(size: number) {
  let now = 0;
  const places = new Places(size, () => now);
  const diary: string[] = [];
  const held = new Map<string, Place>();
  return {
    places,
    diary,
    pass: (ms: number) => {
      now += ms;
    },
    want: (name: string, wanted: PlaceClaim) =>
      void places.take(wanted, never, LATE).then((place) => {
        if (place === undefined) return;
        diary.push(name);
        held.set(name, place);
      }),
    /** The table's batch is over after so many ms; it has more. */
    batch: async (name: string, ms: number) => {
      now += ms;
      void held
        .get(name)
        ?.nextTurn(LATE)
        .then(() => diary.push(name));
      await settle();
    },
    done: async (name: string, ms: number) => {
      now += ms;
      held.get(name)?.release();
      await settle();
    },
  };
}

describe("places", () => {
  it("lets no more work at once than there are places, and no more of a tenant than it may", async () => {
    const { want, diary, done, places } = scene(3);
    for (const table of [1, 2, 3]) want(`a${table}`, claim("a", 2, 2));
    await settle();
    expect(diary).toEqual(["a1", "a2"]);
    want("b1", claim("b"));
    want("b2", claim("b"));
    await settle();
    expect(diary).toEqual(["a1", "a2", "b1"]);
    expect(places.waiting).toBe(2);
    await done("a1", 10);
    expect(diary.slice(3)).toEqual(["b2"]);
    await done("a2", 10);
    expect(diary.slice(4)).toEqual(["a3"]);
  });

  it("holds others up by one batch of a tenant with many", async () => {
    const { want, diary, batch, done } = scene(1);
    want("big", claim("big"));
    await settle();
    for (const name of ["s1", "s2", "s3"]) want(name, claim(name));
    await batch("big", 1000);
    await done("s1", 50);
    await done("s2", 50);
    await done("s3", 50);
    expect(diary).toEqual(["big", "s1", "s2", "s3", "big"]);
    await batch("big", 1000);
    expect(diary.at(-1)).toBe("big");
  });

  it("gives a tenant that comes later neither a bonus for its rest nor a burden from before", async () => {
    const { want, diary, batch, done } = scene(1);
    want("a", claim("a"));
    await settle();
    for (let turn = 0; turn < 5; turn++) await batch("a", 1000);
    want("b", claim("b"));
    await batch("a", 1000);
    expect(diary.slice(-1)).toEqual(["b"]);
    await batch("b", 2000);
    await batch("a", 1000);
    // Level again: b was let in once, not five times over.
    expect(diary.slice(-3)).toEqual(["b", "a", "b"]);
    await done("a", 0);
  });

  it("shares by weight", async () => {
    const { want, diary, batch } = scene(1);
    want("low", claim("low", 1));
    await settle();
    want("high", claim("high", 4));
    await settle();
    for (let turn = 0; turn < 50; turn++) await batch(diary.at(-1) ?? "", 100);
    const share = diary.filter((name) => name === "high").length / diary.length;
    expect(share).toBeGreaterThan(0.7);
    expect(share).toBeLessThan(0.9);
  });

  it("ends a wait when its time is up or its run is stopped, and gives the place to the next", async () => {
    const { places, want, diary, done } = scene(1);
    want("a", claim("a"));
    await settle();
    await expect(places.take(claim("b"), never, Date.now())).resolves.toBeUndefined();
    const stop = new AbortController();
    const stopped = places.take(claim("c"), stop.signal, LATE);
    stop.abort(new Error("stopped"));
    await expect(stopped).rejects.toThrow("stopped");
    want("d", claim("d"));
    await done("a", 10);
    expect(diary).toEqual(["a", "d"]);
    expect(places.waiting).toBe(0);
  });

  it("gives the place on where a run is stopped between its batches", async () => {
    const stop = new AbortController();
    const places = new Places(1);
    const place = await places.take(claim("a"), stop.signal, LATE);
    const next = places.take(claim("b"), never, LATE);
    stop.abort(new Error("stopped"));
    await expect(place?.nextTurn(LATE)).rejects.toThrow("stopped");
    await expect(next).resolves.toBeDefined();
    place?.release();
  });
});
