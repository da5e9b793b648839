import { decodeTime } from "ulid";
import { z } from "zod";

import { codeOf } from "@/server/errors";
import { log } from "@/server/log";
import { startRun } from "@/server/runs/start-run";
import { nextVersion } from "@/server/runs/version";

import type { Backlog, BacklogContext } from "./backlog";
import { readScheduledTenants } from "./scheduled-tenants";
import { StoreLooks } from "./store-looks";

/** Why somebody looks: a time of the schedule (ms UTC), or an object that landed. */
export type TriggerCause =
  | { readonly kind: "schedule"; readonly slotAt: number }
  | { readonly kind: "event" };

/**
 * What came of it. `busy`: a run of the tenant is queued or at work, or its plan waits; who has an event in hand tries again
 * later. `failed`: the store or the ledger could not be read; the message is fit for people.
 */
export type TriggerOutcome =
  | { readonly outcome: "started"; readonly runId: string }
  | { readonly outcome: "nothing_new" }
  | { readonly outcome: "unknown" | "paused" | "not_loaded" }
  | { readonly outcome: "busy"; readonly runId: string }
  | { readonly outcome: "failed"; readonly message: string };

/** A tenant that never had a run has no run to be behind: its first moment is this coarse. */
const FIRST_MOMENT_MS = 10_000;

function firstMoment(): number {
  return Math.floor(Date.now() / FIRST_MOMENT_MS) * FIRST_MOMENT_MS;
}

/**
 * Starts an increment of a tenant where one is called for: the tenant is not paused, was loaded once, has no run that is not
 * over, and something in the store is not in its tables. Looking comes first, so that nothing new makes no run; the look is
 * kept and shown. The one way in which increments start by themselves: schedule, directory watch and bucket events.
 *
 * @param looks kept by who calls often, so that quiet tenants cost a listing only
 */
export async function triggerIncrement(
  context: BacklogContext,
  tenantId: string,
  cause: TriggerCause,
  looks = new StoreLooks(context),
): Promise<TriggerOutcome> {
  const { db } = context;
  // Read before the open run: who starts one in between is seen by the one reading or makes the same run.
  const newest = await newestRun(context, tenantId);
  const [tenant] = await readScheduledTenants(db, tenantId);
  if (tenant === undefined) return { outcome: "unknown" };
  if (tenant.paused) return { outcome: "paused" };
  if (!tenant.isLoaded) return { outcome: "not_loaded" };
  if (tenant.openRun !== "") return { outcome: "busy", runId: tenant.openRun };

  let backlog: Backlog;
  try {
    backlog = await looks.look(tenantId, newest);
  } catch (error) {
    log().warn(
      { error, tenant: tenantId },
      "a tenant's part of the store could not be looked into",
    );
    const message = failureWords(error);
    await writeCheck(context, tenantId, cause, { outcome: "failed", message }, undefined);
    return { outcome: "failed", message };
  }
  const isCalledFor =
    backlog.waiting.length > 0 ||
    backlog.isUnsettled ||
    (backlog.oddities !== "" && backlog.oddities !== tenant.oddities);
  if (!isCalledFor) {
    await writeCheck(context, tenantId, cause, { outcome: "nothing_new" }, backlog);
    return { outcome: "nothing_new" };
  }
  const { runId } = await startRun(db, {
    tenantId,
    mode: "incremental",
    trigger: cause.kind,
    requestedBy: cause.kind === "schedule" ? "the schedule" : "a landed object",
    slot: {
      tenantId,
      // Right behind the newest run, and nothing of the clock: whoever starts the next one starts this one.
      at: newest === "" ? firstMoment() : decodeTime(newest) + 1,
      cause: `increment after ${newest}`,
    },
  });
  await writeCheck(context, tenantId, cause, { outcome: "started", runId }, backlog);
  return { outcome: "started", runId };
}

async function newestRun({ db }: BacklogContext, tenantId: string): Promise<string> {
  const row = await db.row(
    {
      name: "schedules.newest-run",
      params: { tenant_id: tenantId },
      sql: "SELECT max(run_id) AS run_id FROM runs WHERE tenant_id = {tenant_id:String}",
    },
    z.object({ run_id: z.string() }),
  );
  return row.run_id;
}

/** A store says itself what is wrong with it; of everything else only the kind is told. */
function failureWords(error: unknown): string {
  if (error instanceof Error && error.name === "StoreError") return error.message;
  return codeOf(error) === "internal"
    ? "The store could not be listed. The log tells why."
    : "ClickHouse could not be asked what is loaded already.";
}

async function writeCheck(
  { db }: BacklogContext,
  tenantId: string,
  cause: TriggerCause,
  result: { readonly outcome: string; readonly runId?: string; readonly message?: string },
  backlog: Backlog | undefined,
): Promise<void> {
  // A look for another reason answers no time of the schedule, and must not undo that one was answered.
  const before = await db.maybeRow(
    {
      name: "schedules.check",
      params: { tenant_id: tenantId },
      sql: "SELECT slot_at, oddities FROM schedule_checks FINAL WHERE tenant_id = {tenant_id:String}",
    },
    z.object({ slot_at: z.string().nullable(), oddities: z.string() }),
  );
  const isAnswered = cause.kind === "schedule" && result.outcome !== "failed";
  await db.insert("schedule_checks", [
    {
      tenant_id: tenantId,
      checked_at: new Date().toISOString(),
      cause: cause.kind,
      outcome: result.outcome,
      slot_at: isAnswered ? new Date(cause.slotAt).toISOString() : (before?.slot_at ?? null),
      run_id: result.runId ?? "",
      waiting: (backlog?.waiting ?? []).map(({ tableName, objects, bytes, oldestAt }) => ({
        table_name: tableName,
        objects,
        bytes,
        oldest_at: oldestAt,
      })),
      oddities: backlog?.oddities ?? before?.oddities ?? "",
      error: result.message ?? "",
      version: nextVersion(),
    },
  ]);
}
