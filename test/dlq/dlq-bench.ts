import { z } from "zod";

import type { RecordEdit } from "@/lib/record/apply-edit";
import type { DryRunReply } from "@/lib/contracts/dlq-commands";
import { dryRunDeadLetters } from "@/server/dlq/dry-run";
import { replayDeadLetters } from "@/server/dlq/replay";
import { executeRun } from "@/server/runs/execute-run";
import { findRun } from "@/server/runs/run-store";
import { type RunSummary, summarizeRun } from "@/server/runs/run-summary";
import { scopeToTenant, type TenantScope } from "@/server/tenant-scope";

import type { HistoryRow, LoadBench } from "../support/load";

export const ACTOR = { username: "test", displayName: "Test", role: "operator" } as const;
export const TABLE = "tickets";

const Letter = z.object({
  id: z.string(),
  kind: z.string(),
  entity: z.string(),
  status: z.string(),
  object: z.string(),
  row: z.coerce.number(),
  fingerprint: z.string(),
  attempts: z.number(),
  replays: z.number(),
  draft: z.string(),
  resolved_by: z.string(),
  resolution: z.string(),
});
export type Letter = z.infer<typeof Letter>;

/** One tenant of a test, its letters and what is done with them. */
export class DlqTenant {
  private constructor(
    readonly bench: LoadBench,
    readonly tenantId: string,
    readonly scope: TenantScope,
  ) {}

  static async of(bench: LoadBench): Promise<DlqTenant> {
    return DlqTenant.as(bench, await bench.tenant());
  }

  /** One that is registered already. */
  static async as(bench: LoadBench, tenantId: string): Promise<DlqTenant> {
    return new DlqTenant(bench, tenantId, await scopeToTenant(bench.db, ACTOR, tenantId));
  }

  async land(name: string, content: string | Buffer | readonly object[]): Promise<string> {
    return this.bench.land(this.tenantId, TABLE, name, content);
  }

  async load(
    mode: "bulk" | "incremental" = "incremental",
  ): Promise<RunSummary & { error: string }> {
    return this.bench.load(this.tenantId, TABLE, mode);
  }

  async history(): Promise<HistoryRow[]> {
    return this.bench.history(this.tenantId, TABLE);
  }

  /** By object and row. */
  async letters(status?: string): Promise<Letter[]> {
    const rows = await this.bench.db.rows(
      {
        name: "test.letters",
        params: { tenant_id: this.tenantId },
        sql: `SELECT dead_letter_id AS id, kind, entity_id AS entity, status, object_key AS object, source_row AS row,
  fingerprint, attempts, replays, draft, resolved_by, resolution
FROM dead_letters FINAL WHERE tenant_id = {tenant_id:String} ORDER BY object_key, source_row`,
      },
      Letter,
    );
    return status === undefined ? rows : rows.filter((letter) => letter.status === status);
  }

  async dryRun(ids: readonly string[], edit: RecordEdit = {}): Promise<DryRunReply> {
    return dryRunDeadLetters(this.bench.context, this.scope, { ids, edit }, "test");
  }

  /** Queues a replay and carries it out. */
  async replay(
    chosen: readonly string[] | string,
    edit: RecordEdit = {},
  ): Promise<RunSummary & { error: string; runId: string; rerunIds: string[] }> {
    const { runId, rerunIds } = await this.queue(chosen, edit);
    if (runId === null) throw new Error("Nothing was queued.");
    await executeRun(this.bench.context, runId);
    const summary = await summarizeRun(this.bench.db, runId);
    const run = await findRun(this.bench.db, runId);
    return { ...summary, error: run?.error ?? "", runId, rerunIds };
  }

  async queue(
    chosen: readonly string[] | string,
    edit: RecordEdit = {},
  ): Promise<{ runId: string | null; rerunIds: string[] }> {
    return replayDeadLetters(
      this.bench.db,
      this.scope,
      {
        ...(typeof chosen === "string" ? { selectionId: chosen } : { ids: chosen }),
        edit,
        reason: "test",
      },
      { requestedBy: "test", trigger: "cli" },
    );
  }

  async complaints(): Promise<unknown[]> {
    return this.bench.complaints(this.tenantId, TABLE);
  }
}

/** A ticket record. */
export function ticket(
  id: string | null,
  at: string | null,
  status: string | null,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return { ticket_id: id, last_updated: at, status, ...more };
}
