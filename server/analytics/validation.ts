import { z } from "zod";
import type { ValidationReply } from "@/lib/contracts/runs";
import type { Db } from "@/server/clickhouse/client";
import { tenantQuery } from "@/server/clickhouse/tenant-query";
import type { TenantScope } from "@/server/tenant-scope";
import { zCount } from "./row-types";

const SAMPLES_SHOWN = 5;

const row = z.object({
  runId: z.string(),
  tableName: z.string(),
  rule: z.string(),
  field: z.string(),
  checked: zCount,
  failed: zCount,
  samples: z.array(
    z.object({
      object_key: z.string(),
      source_row: zCount,
      entity_id: z.string(),
      value: z.string(),
      message: z.string(),
    }),
  ),
});

function toReply(rows: readonly z.output<typeof row>[]): ValidationReply {
  return {
    asOf: new Date().toISOString(),
    rows: rows.map(({ samples, ...rest }) => ({
      ...rest,
      samples: samples.slice(0, SAMPLES_SHOWN).map((sample) => ({
        objectKey: sample.object_key,
        sourceRow: sample.source_row,
        entityId: sample.entity_id,
        value: sample.value,
        message: sample.message,
      })),
    })),
  };
}

/** Values and ids can be megabytes long; what is shown of a sample is cut here, in the database. */
const SAMPLES = `arrayMap(
        sample -> CAST(
            (sample.1, sample.2, substringUTF8(sample.3, 1, 300), substringUTF8(sample.4, 1, 300), substringUTF8(sample.5, 1, 300)),
            'Tuple(object_key String, source_row UInt64, entity_id String, value String, message String)'
        ),
        arraySlice(arrayFlatten(groupArray(20)(samples)), 1, 5)
    )`;

const ofRun = tenantQuery({
  name: "run.validation",
  sql: `
SELECT
    run_id AS runId, table_name AS tableName, rule, field,
    sum(checked) AS checked, sum(failed) AS failed, ${SAMPLES} AS samples
FROM (SELECT * REPLACE (arraySlice(samples, 1, 5) AS samples) FROM validation_results FINAL
    WHERE tenant_id = {tenantId:String} AND run_id = {runId:String} ORDER BY batch DESC)
GROUP BY run_id, table_name, rule, field
ORDER BY failed > 0 DESC, table_name, failed DESC, field, rule`,
  params: z.object({ runId: z.string() }),
  row,
  maxSeconds: 10,
});

const newest = tenantQuery({
  name: "tenant.validation",
  sql: `
SELECT
    run_id AS runId, table_name AS tableName, rule, field,
    checked, failed, ${SAMPLES.replace("groupArray(20)(samples)", "[samples]")} AS samples
FROM validation_results FINAL
WHERE tenant_id = {tenantId:String} AND (run_id, table_name, batch) IN
(
    SELECT newest.1, table_name, newest.2
    FROM
    (
        -- As the projection newest_of_table has it.
        SELECT table_name, max((run_id, batch)) AS newest
        FROM validation_results
        WHERE tenant_id = {tenantId:String}
        GROUP BY tenant_id, table_name
    )
)
ORDER BY field, rule, table_name`,
  params: z.object({}),
  row,
  maxSeconds: 10,
});

/** Results per rule and field of one run, batches added up; failures first. */
export async function readRunValidation(
  scope: TenantScope,
  runId: string,
  db?: Db,
): Promise<ValidationReply> {
  return toReply(await ofRun(scope, { runId }, db));
}

/** Results per rule and field of each table's newest batch. */
export async function readNewestValidation(scope: TenantScope, db?: Db): Promise<ValidationReply> {
  return toReply(await newest(scope, {}, db));
}
