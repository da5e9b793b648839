import { describe, expect, it } from "vitest";

import { toProblem } from "@/server/errors";

import { admitted, type Bounds, emptyGate, type Weight } from "./admission";

const BOUNDS: Bounds = { atWork: 2, heavy: 1, waiting: 10, waitMs: 60_000 };

/** Statements that end when they are told to. */
function statements(bounds = BOUNDS) {
  const gate = emptyGate();
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    gate,
    begun,
    ask: (name: string, weight: Weight = "light", signal?: AbortSignal) =>
      admitted(
        gate,
        bounds,
        weight,
        async () => {
          begun.push(name);
          await new Promise<void>((resolve) => ends.set(name, resolve));
          return name;
        },
        signal,
      ),
    async end(name: string): Promise<void> {
      ends.get(name)?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe("admission", () => {
  it("carries out so many at once, and the others in their order", async () => {
    const { ask, begun, end } = statements();
    const all = ["a", "b", "c", "d"].map((name) => ask(name));
    await end("none");
    expect(begun).toEqual(["a", "b"]);
    await end("b");
    expect(begun).toEqual(["a", "b", "c"]);
    await end("a");
    await end("c");
    await end("d");
    expect(await Promise.all(all)).toEqual(["a", "b", "c", "d"]);
  });

  it("keeps room for light ones, which pass heavy ones that wait for heavy ones", async () => {
    const { ask, begun, end } = statements();
    const all = [ask("h1", "heavy"), ask("h2", "heavy"), ask("l1"), ask("l2")];
    await end("none");
    expect(begun).toEqual(["h1", "l1"]);
    await end("l1");
    expect(begun).toEqual(["h1", "l1", "l2"]);
    await end("h1");
    expect(begun).toEqual(["h1", "l1", "l2", "h2"]);
    await end("l2");
    await end("h2");
    await Promise.all(all);
  });

  it("refuses with 503 and a time to come back where the line is too long, and those in it are not harmed", async () => {
    const { ask, end } = statements({ ...BOUNDS, atWork: 1, waiting: 1 });
    const first = ask("first");
    const second = ask("second");
    const refused: unknown = await ask("third").catch((error: unknown) => error);
    expect(toProblem(refused, "reference")).toMatchObject({
      status: 503,
      code: "busy",
      retryAfterSeconds: 60,
    });
    await end("first");
    await end("second");
    expect(await Promise.all([first, second])).toEqual(["first", "second"]);
  });

  it("lets nobody wait longer than it says", async () => {
    const { ask, begun, end, gate } = statements({ ...BOUNDS, atWork: 1, waitMs: 1 });
    const first = ask("first");
    await expect(ask("second")).rejects.toMatchObject({ code: "busy" });
    expect(gate.waiting).toEqual([]);
    await end("first");
    await first;
    expect(begun).toEqual(["first"]);
    expect(gate.atWork).toEqual({ light: 0, heavy: 0 });
  });

  it("takes those out of the line who go, also in the moment of their turn", async () => {
    const { ask, begun, end, gate } = statements({ ...BOUNDS, atWork: 1 });
    const [gone, late] = [new AbortController(), new AbortController()];
    const first = ask("first");
    const leaving = ask("gone", "light", gone.signal);
    const lateLeaving = ask("late", "light", late.signal);
    const last = ask("last");
    gone.abort();
    await expect(leaving).rejects.toMatchObject({ type: "CANCELLED" });
    const lateEnd = lateLeaving.catch((error: unknown) => error);
    const ending = end("first");
    late.abort();
    await ending;
    expect(await lateEnd).toMatchObject({ type: "CANCELLED" });
    await end("last");
    expect([await first, await last]).toEqual(["first", "last"]);
    expect(begun).toEqual(["first", "last"]);
    expect(gate.atWork).toEqual({ light: 0, heavy: 0 });
  });

  it("gives the room of a statement that failed to the next", async () => {
    const gate = emptyGate();
    const bounds = { ...BOUNDS, atWork: 1 };
    const fails = admitted(gate, bounds, "light", () => Promise.reject(new Error("broken")));
    const next = admitted(gate, bounds, "light", () => Promise.resolve("done"));
    await expect(fails).rejects.toThrow("broken");
    expect(await next).toBe("done");
  });
});
