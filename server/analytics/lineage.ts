import { z } from "zod";
import type { LineageReply } from "@/lib/contracts/entities";
import { RunStatus } from "@/lib/contracts/values";
import type { Db } from "@/server/clickhouse/client";
import { tenantQuery } from "@/server/clickhouse/tenant-query";
import type { TenantScope } from "@/server/tenant-scope";
import { zCount, zInstant, zMaybeInstant } from "./row-types";
import { shownStatus } from "./run-status-sql";

const run = tenantQuery({
  name: "lineage.run",
  sql: `
SELECT run_id AS runId, mode, ${shownStatus("runs")} AS status, started_at AS startedAt, finished_at AS finishedAt
FROM runs FINAL
WHERE tenant_id = {tenantId:String} AND run_id = {runId:String}`,
  params: z.object({ runId: z.string() }),
  row: z.object({
    runId: z.string(),
    mode: z.string(),
    status: RunStatus,
    startedAt: zMaybeInstant,
    finishedAt: zMaybeInstant,
  }),
  maxSeconds: 10,
});

const object = tenantQuery({
  name: "lineage.object",
  sql: `
SELECT object_key AS key, etag, bytes, read AS rows, stamp, status
FROM objects FINAL
WHERE tenant_id = {tenantId:String} AND table_name = {tableName:String} AND object_key = {objectKey:String}`,
  params: z.object({ tableName: z.string(), objectKey: z.string() }),
  row: z.object({
    key: z.string(),
    etag: z.string(),
    bytes: zCount,
    rows: zCount,
    stamp: zInstant,
    status: z.string(),
  }),
  maxSeconds: 10,
});

/** The run and the object that a version names; null for what is no longer known. */
export async function readLineage(
  scope: TenantScope,
  input: { tableName: string; runId: string; objectKey: string },
  db?: Db,
): Promise<LineageReply> {
  const [runs, objects] = await Promise.all([
    run(scope, { runId: input.runId }, db),
    object(scope, { tableName: input.tableName, objectKey: input.objectKey }, db),
  ]);
  return { run: runs[0] ?? null, object: objects[0] ?? null };
}
