import "server-only";
import type { z } from "zod";
import type { AuditAction, AuditOutcome } from "@/lib/contracts/audit";
import type { ActionResult, Problem } from "@/lib/contracts/problem";
import { TenantId } from "@/lib/contracts/values";
import { type AuditEntry, writeAudit } from "@/server/audit/write-audit";
import type { Actor } from "@/server/auth/actor";
import { assertAllowed } from "@/server/auth/session";
import type { Db } from "@/server/clickhouse/client";
import { fleetOf } from "@/server/clickhouse/fleet-database";
import { newReferenceId, toProblem } from "@/server/errors";
import { log } from "@/server/log";
import { parseInput } from "@/server/parse-input";
import { homeOf } from "@/server/tenants/placement";
import { once } from "./idempotency";
import type { AuditRecord, Operation, Raw } from "./operation";

/** Who stands at the door, and with what. */
export interface Caller {
  /** Refuses what must not even ask who it is, such as a request from another site. */
  readonly admit?: () => void | Promise<void>;
  /** Who it is. @throws AppError `not-signed-in` */
  readonly actor: (fresh: boolean) => Promise<Actor>;
  readonly db: () => Promise<Db>;
  /** Repeats of one request carry the same key and are carried out once. */
  readonly idempotencyKey?: string | undefined;
  /** True when the caller says refusals to the person in front of it, and the log need not. */
  readonly quiet?: boolean;
  /** Aborted when whoever asks has gone: reads that wait for their turn are given up then. */
  readonly signal?: AbortSignal;
  /** Why the input could not be read at all; thrown where the input would have been checked. */
  readonly unreadable?: unknown;
}

function asRaw(given: unknown): Raw {
  return typeof given === "object" && given !== null && !Array.isArray(given) ? (given as Raw) : {};
}

function outcomeOf(problem: Problem): AuditOutcome {
  if (problem.status === 401 || problem.status === 403 || problem.status === 429) return "denied";
  return problem.status >= 500 ? "failed" : "refused";
}

function report(
  error: unknown,
  problem: Problem,
  action: string | undefined,
  actor: Actor | undefined,
): void {
  const facts = {
    referenceId: problem.referenceId,
    code: problem.code,
    action,
    actor: actor?.username,
  };
  if (problem.code === "busy") log().warn(facts, problem.detail);
  else if (problem.status >= 500) {
    const detail = error instanceof Error && "detail" in error ? String(error.detail) : undefined;
    log().error({ ...facts, err: error, detail }, "operation failed");
  } else if ([401, 404, 422].includes(problem.status)) log().info(facts, problem.detail);
  else log().warn(facts, problem.detail);
}

/**
 * The one way anything is done for somebody: session → permission → tenant scope → input → act → audit. A write is audited
 * whether it happened or not; a write that happened but could not be audited is answered as failed.
 *
 * @param given the input as it came, from anywhere
 * @returns never throws: what went wrong is in the result, in words that are fit to be shown
 */
export async function carryOut<Input extends z.ZodType, Output>(
  operation: Operation<Input, Output>,
  caller: Caller,
  given: unknown,
): Promise<ActionResult<Output>> {
  const referenceId = newReferenceId();
  const raw = asRaw(given);
  const action: AuditAction | undefined =
    typeof operation.action === "function" ? operation.action(raw) : operation.action;
  let actor: Actor | undefined;
  let tenantId: string | undefined;

  const audit = async (outcome: AuditOutcome, record: AuditRecord): Promise<void> => {
    if (action === undefined) return;
    const entry: AuditEntry = {
      actor: actor?.username ?? "",
      role: actor?.role ?? "",
      action,
      outcome,
      tenantId,
      requestId: referenceId,
      ...record,
    };
    try {
      await writeAudit(await caller.db(), entry);
    } catch (error) {
      // The log is the last place where the line can be kept.
      log().error({ err: error, audit: entry }, "audit line could not be written");
      throw error;
    }
  };

  try {
    await caller.admit?.();
    actor = await caller.actor(action !== undefined);
    const who = actor;
    assertAllowed(
      who,
      typeof operation.permission === "function" ? operation.permission(raw) : operation.permission,
    );
    const db = await caller.db();
    // What is asked for is looked up wherever it is; then its tenant's server is worked with.
    const scope = operation.scope === null ? null : await operation.scope(fleetOf(db), who, raw);
    tenantId = scope?.tenantId;
    if (caller.unreadable !== undefined) throw caller.unreadable;
    const input = parseInput(operation.input, given);
    const home = scope === null ? db : await homeOf(db, scope.tenantId);
    const perform = async (): Promise<Output> => {
      const { signal } = caller;
      const output = await operation.perform(
        { db: home, actor: who, referenceId, signal },
        scope,
        input,
      );
      await audit("done", operation.record?.(input, output) ?? {});
      return output;
    };
    const value =
      caller.idempotencyKey === undefined || action === undefined
        ? await perform()
        : await once(
            db,
            { actor: who.username, action, key: caller.idempotencyKey, input },
            perform,
          );
    return { ok: true, value, referenceId };
  } catch (error) {
    const problem = toProblem(error, referenceId);
    const isGone = caller.signal?.aborted === true && action === undefined;
    if (!isGone && (caller.quiet !== true || problem.status >= 500))
      report(error, problem, action, actor);
    const asked = TenantId.safeParse(raw["tenantId"]);
    if (tenantId === undefined && asked.success) tenantId = asked.data;
    const target = operation.target?.(raw);
    await audit(outcomeOf(problem), {
      ...(typeof target === "string" ? { target } : {}),
      after: { problem: problem.code, detail: problem.detail },
    }).catch(() => undefined);
    return { ok: false, problem };
  }
}
