import { z } from "zod";
import type { DeadLetterItemReply } from "@/lib/contracts/dlq";
import { RunStatus } from "@/lib/contracts/values";
import type { Db } from "@/server/clickhouse/client";
import { fleetQuery } from "@/server/clickhouse/fleet-query";
import { tenantQuery } from "@/server/clickhouse/tenant-query";
import { AppError } from "@/server/errors";
import type { TenantScope } from "@/server/tenant-scope";
import { DEAD_LETTER_COLUMNS, deadLetterRow } from "./dead-letter-list";
import { entityKey } from "./entity-key";
import { zCount, zMaybeInstant } from "./row-types";
import { shownStatus } from "./run-status-sql";

/** A record can be 20 MB; the screen gets its beginning. */
const RAW_SHOWN_CHARACTERS = 200_000;

const owner = fleetQuery({
  name: "dlq.owner",
  // Whose it is stands in its key, so that any of its rows says it.
  sql: "SELECT tenant_id AS tenantId FROM dead_letters WHERE dead_letter_id = {id:String} LIMIT 1",
  params: z.object({ id: z.string() }),
  row: z.object({ tenantId: z.string() }),
  maxSeconds: 10,
});

const item = tenantQuery({
  name: "dlq.item",
  sql: `
SELECT ${DEAD_LETTER_COLUMNS},
    letter.entity_id AS wholeEntityId,
    letter.run_id AS runId,
    run.status AS runStatus,
    if(letter.etag = '', ifNull(object.etag, ''), letter.etag) AS etag,
    object.bytes AS objectBytes,
    object.read AS objectRows,
    letter.source_row AS sourceRow,
    substringUTF8(letter.raw, 1, ${RAW_SHOWN_CHARACTERS}) AS raw,
    length(letter.raw) AS rawBytes,
    arrayMap(
        error -> CAST(
            (error.1, error.2, substringUTF8(error.3, 1, 1000), substringUTF8(error.4, 1, 1000)),
            'Tuple(field String, rule String, message String, value String)'
        ),
        letter.errors
    ) AS errors,
    letter.fingerprint AS fingerprint,
    letter.cause AS cause,
    letter.attempts AS attempts,
    letter.replays AS replays,
    substringUTF8(letter.draft, 1, ${RAW_SHOWN_CHARACTERS}) AS draft,
    letter.resolved_by AS resolvedBy,
    letter.resolved_at AS resolvedAt,
    letter.resolution AS resolution
FROM
(
    SELECT * FROM dead_letters FINAL
    WHERE tenant_id = {tenantId:String} AND dead_letter_id = {id:String}
    LIMIT 1
) AS letter
LEFT JOIN (SELECT tenant_id, name FROM tenants FINAL WHERE tenant_id = {tenantId:String}) AS tenant
    ON tenant.tenant_id = letter.tenant_id
LEFT JOIN
(
    SELECT run_id, toNullable(${shownStatus("runs")}) AS status FROM runs FINAL
    WHERE tenant_id = {tenantId:String}
        AND run_id IN (SELECT run_id FROM dead_letters WHERE tenant_id = {tenantId:String} AND dead_letter_id = {id:String})
) AS run ON run.run_id = letter.run_id
LEFT JOIN
(
    SELECT table_name, object_key, toNullable(etag) AS etag, toNullable(bytes) AS bytes, toNullable(read) AS read
    FROM objects FINAL WHERE tenant_id = {tenantId:String}
) AS object ON object.table_name = letter.table_name AND object.object_key = letter.object_key`,
  params: z.object({ id: z.string() }),
  row: deadLetterRow.extend({
    wholeEntityId: z.string(),
    runId: z.string(),
    runStatus: RunStatus.nullable(),
    etag: z.string(),
    objectBytes: zCount.nullable(),
    objectRows: zCount.nullable(),
    sourceRow: zCount,
    raw: z.string(),
    rawBytes: zCount,
    errors: z.array(
      z.object({ field: z.string(), rule: z.string(), message: z.string(), value: z.string() }),
    ),
    fingerprint: z.string(),
    cause: z.string(),
    attempts: zCount,
    replays: zCount,
    draft: z.string(),
    resolvedBy: z.string(),
    resolvedAt: zMaybeInstant,
    resolution: z.string(),
  }),
  maxSeconds: 10,
});

/** Which tenant a dead letter belongs to, so that a scope can be made for it; undefined where there is no such one. */
export async function tenantOfDeadLetter(id: string, db?: Db): Promise<string | undefined> {
  return (await owner({ id }, db))[0]?.tenantId;
}

/**
 * One dead letter with its raw record, errors and lineage.
 *
 * @throws AppError `not-found` where the tenant of the scope has no such dead letter
 */
export async function readDeadLetter(
  scope: TenantScope,
  id: string,
  db?: Db,
): Promise<DeadLetterItemReply> {
  const [found] = await item(scope, { id }, db);
  if (found === undefined) throw new AppError("not-found", "There is no such dead letter.");
  const { wholeEntityId, ...rest } = found;
  return {
    asOf: new Date().toISOString(),
    item: { ...rest, entityKey: wholeEntityId === "" ? null : entityKey(wholeEntityId) },
  };
}
