import { setTimeout as wait } from "node:timers/promises";

import type { Db } from "@/server/clickhouse/client";

import { type Lease, takeLease } from "./lease";
import type { Place, PlaceClaim, PlaceSource } from "./places";

const POLL_MS = 1_000;
/** A table that has had its place for so long gives it to those who wait, if any do. */
const TURN_MS = 10_000;
/** A call that waits is paid for; its task is rather called again. */
const LONGEST_WAIT_MS = 60_000;

/**
 * So many tables are worked on at once by all processes of an installation, where each has one table only: functions on AWS.
 * A place is a lease, so one whose holder died is free again. Who waits asks again and again, each beginning at another place,
 * and a table with many batches gives its place back between them, so that it does not hold others up for long.
 */
export class SharedPlaces implements PlaceSource {
  constructor(
    private readonly db: Db,
    readonly size: number,
    private readonly pollMs = POLL_MS,
    private readonly turnMs = TURN_MS,
  ) {}

  async take(claim: PlaceClaim, signal: AbortSignal, until: number): Promise<Place | undefined> {
    let lease = await this.#take(claim, signal, Math.min(until, Date.now() + LONGEST_WAIT_MS));
    if (lease === undefined) return undefined;
    let since = Date.now();
    return {
      nextTurn: async (limit) => {
        if (Date.now() - since < this.turnMs) return;
        await lease?.release();
        // Long enough for everybody who waits to have asked once.
        await wait(2 * this.pollMs, undefined, { signal });
        since = Date.now();
        lease = await this.#take(claim, signal, limit);
      },
      release: async () => lease?.release(),
    };
  }

  async #take(claim: PlaceClaim, signal: AbortSignal, until: number): Promise<Lease | undefined> {
    for (let first = Math.floor(Math.random() * this.size); ; first++) {
      for (let step = 0; step < this.size; step++) {
        signal.throwIfAborted();
        const place = `place:${(first + step) % this.size}`;
        const taken = await takeLease(this.db, place, claim.runId);
        if ("lease" in taken) return taken.lease;
      }
      if (Date.now() + this.pollMs > until) return undefined;
      await wait(this.pollMs, undefined, { signal });
    }
  }
}
