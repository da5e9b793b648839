import { setTimeout as wait } from "node:timers/promises";

import { log } from "@/server/log";
import { type Lease, LeaseLostError, takeLease } from "@/server/runs/lease";

import type { BacklogContext } from "./backlog";
import { Landings } from "./landings";
import { type Noticing, noticeLandings } from "./notice-landings";
import { type ScheduledTenant, dueTime, readScheduledTenants } from "./scheduled-tenants";
import { type LandingMode, writeSchedulerState } from "./scheduler-state";
import { StoreLooks } from "./store-looks";
import { type TriggerCause, triggerIncrement } from "./trigger-increment";
import type { watchStore } from "./watch-store";

/** Of all processes on one database, the one that holds it starts increments. */
const LEASE = "scheduler";
const STANDBY_MS = 5_000;
const BEAT_MS = 10_000;
/** A tenant whose look failed rests for so long. */
const REST_MS = 60_000;
const LOOKS_AT_ONCE = 4;

export interface SchedulerOptions {
  readonly landing: LandingMode;
  /** How often the store is listed where that stands in for watching, ms. */
  readonly listingMs?: number;
  /** How often schedules are looked at, ms. */
  readonly pollMs?: number;
  /** How often a process that waits for its turn asks for it, ms. */
  readonly standbyMs?: number;
  /** ms UTC. */
  readonly now?: () => number;
  readonly watch?: typeof watchStore;
}

export interface Scheduler {
  /** Whether this process is the one that starts increments. */
  readonly isActive: boolean;
  /** Starts nothing more, and lets another process take over. */
  stop(): Promise<void>;
}

/**
 * Starts due increments and those of landed objects, tenant by tenant, for as long as this process has the scheduler's lease;
 * others stand by. What was due while nobody was there comes to one look a tenant: the newest time that was missed.
 */
export function startScheduler(context: BacklogContext, options: SchedulerOptions): Scheduler {
  const { landing, listingMs = 60_000, pollMs = 2_000, standbyMs = STANDBY_MS } = options;
  const now = options.now ?? Date.now;
  const stopping = new AbortController();
  let wakeUp = new AbortController();
  const landings = new Landings();
  let isActive = false;

  const sleep = async (ms: number): Promise<void> => {
    wakeUp = new AbortController();
    const signal = AbortSignal.any([stopping.signal, wakeUp.signal]);
    await wait(Math.max(0, ms), undefined, { signal }).catch(() => undefined);
  };

  const noted = (tenantId: string): void => {
    // Those that are noted already are waited for.
    if (landings.note(tenantId, now())) wakeUp.abort();
  };

  /** Until stopped, or until the lease is lost. */
  const lead = async (lease: Lease): Promise<void> => {
    const startedAt = new Date().toISOString();
    const looks = new StoreLooks(context);
    const resting = new Map<string, number>();
    let lastBeat = Number.NEGATIVE_INFINITY;
    let isAllWanted = landing !== "off";
    const noticing: Noticing = noticeLandings(
      context.store,
      landing,
      listingMs,
      noted,
      () => {
        isAllWanted = true;
        wakeUp.abort();
      },
      options.watch,
    );
    try {
      while (!stopping.signal.aborted) {
        await lease.assertHeld();
        if (performance.now() - lastBeat > BEAT_MS) {
          lastBeat = performance.now();
          const { mode, message } = noticing;
          await writeSchedulerState(context.db, { startedAt, landing: mode, message });
        }
        const tenants = await readScheduledTenants(context.db);
        if (isAllWanted) for (const { tenantId } of tenants) landings.note(tenantId, 0);
        isAllWanted = false;
        await startDue(tenants, looks, resting);
        const next = landings.nextReady(now());
        await sleep(next === null ? pollMs : Math.min(pollMs, next - now()));
      }
    } finally {
      noticing.close();
    }
  };

  const startDue = async (
    tenants: readonly ScheduledTenant[],
    looks: StoreLooks,
    resting: Map<string, number>,
  ): Promise<void> => {
    const ready = new Set(landings.ready(now()));
    const due = tenants.flatMap((tenant) => {
      if ((resting.get(tenant.tenantId) ?? 0) > now()) return [];
      if (tenant.paused || !tenant.isLoaded) {
        landings.take(tenant.tenantId);
        return [];
      }
      if (tenant.openRun !== "") return [];
      const slotAt = dueTime(tenant, now());
      const cause: TriggerCause | null =
        slotAt !== null
          ? { kind: "schedule", slotAt }
          : ready.has(tenant.tenantId)
            ? { kind: "event" }
            : null;
      return cause === null ? [] : [{ tenantId: tenant.tenantId, cause }];
    });
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let one = due[next++]; one !== undefined; one = due[next++]) {
        if (stopping.signal.aborted) return;
        const putBack = landings.take(one.tenantId);
        const end = await triggerIncrement(context, one.tenantId, one.cause, looks);
        if (end.outcome === "started")
          log().info({ tenant: one.tenantId, run: end.runId, cause: one.cause.kind }, "increment");
        if (end.outcome === "busy") putBack();
        if (end.outcome === "failed") {
          resting.set(one.tenantId, now() + REST_MS);
          putBack();
        }
      }
    };
    await Promise.all(Array.from({ length: LOOKS_AT_ONCE }, lane));
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      let lease: Lease | undefined;
      try {
        const taken = await takeLease(context.db, LEASE, "");
        if ("lease" in taken) {
          lease = taken.lease;
          isActive = true;
          await lead(lease);
        }
      } catch (error) {
        if (!(error instanceof LeaseLostError))
          log().warn({ error }, "the scheduler waits for the database");
      } finally {
        isActive = false;
        await lease
          ?.release()
          .catch((error: unknown) =>
            log().debug({ error }, "the scheduler's lease is left behind"),
          );
      }
      await sleep(standbyMs);
    }
  };
  const over = loop();

  return {
    get isActive() {
      return isActive;
    },
    async stop() {
      stopping.abort();
      await over;
    },
  };
}
