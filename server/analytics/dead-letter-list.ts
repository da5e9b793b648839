import { z } from "zod";
import { DeadLetterKind, type DeadLetterListReply, DeadLetterStatus } from "@/lib/contracts/dlq";
import type { Db } from "@/server/clickhouse/client";
import { fleetQuery } from "@/server/clickhouse/fleet-query";
import { decodeCursor, encodeCursor } from "./cursor";
import { type DeadLetterFilter, bindDeadLetters } from "./dead-letter-filter";
import { clickHouseTime } from "./run-list";
import { zCount, zInstant } from "./row-types";

const COUNT_CAP = 10_000;
const TENANTS_SHOWN = 50;

/** Columns of a dead letter in a list; values are cut in the database, a record can be megabytes long. */
export const DEAD_LETTER_COLUMNS = `
    letter.dead_letter_id AS id,
    letter.tenant_id AS tenantId,
    if(tenant.name = '', letter.tenant_id, tenant.name) AS tenantName,
    letter.table_name AS tableName,
    letter.kind AS kind,
    letter.status AS status,
    substringUTF8(letter.entity_id, 1, 200) AS entityId,
    letter.object_key AS objectKey,
    substringUTF8(letter.errors[1].value, 1, 200) AS value,
    substringUTF8(letter.errors[1].message, 1, 200) AS message,
    letter.first_seen AS firstSeen,
    letter.last_seen AS lastSeen`;

export const deadLetterRow = z.object({
  id: z.string(),
  tenantId: z.string(),
  tenantName: z.string(),
  tableName: z.string(),
  kind: DeadLetterKind,
  status: DeadLetterStatus,
  entityId: z.string(),
  objectKey: z.string(),
  value: z.string(),
  message: z.string(),
  firstSeen: zInstant,
  lastSeen: zInstant,
});

export interface DeadLetterListInput extends DeadLetterFilter {
  readonly after: string | null;
  readonly limit: number;
}

/** A page of dead letters, the last seen first. */
export async function readDeadLetters(
  input: DeadLetterListInput,
  db?: Db,
): Promise<DeadLetterListReply> {
  const { where, clauses, params, shape } = bindDeadLetters(input);
  const [afterAt, afterId] = input.after === null ? [] : decodeCursor(input.after, 2);
  const all =
    afterAt === undefined
      ? clauses
      : [
          ...clauses,
          "(last_seen, dead_letter_id) < ({afterAt:DateTime64(3, 'UTC')}, {afterId:String})",
        ];
  const page = fleetQuery({
    name: "dlq.page",
    sql: `
SELECT ${DEAD_LETTER_COLUMNS}
FROM
(
    SELECT * FROM dead_letters FINAL
    ${all.length === 0 ? "" : `WHERE ${all.join(" AND ")}`}
    ORDER BY last_seen DESC, dead_letter_id DESC
    LIMIT {limit:UInt32}
) AS letter
LEFT JOIN (SELECT tenant_id, name FROM tenants FINAL) AS tenant ON tenant.tenant_id = letter.tenant_id
ORDER BY lastSeen DESC, id DESC`,
    params: shape.extend({
      limit: z.number().int(),
      afterAt: z.string().optional(),
      afterId: z.string().optional(),
    }),
    row: deadLetterRow,
    maxSeconds: 10,
  });
  const facts = fleetQuery({
    name: "dlq.page.count",
    sql: `
SELECT count() AS found, argMax(cause, last_seen) AS cause
FROM (SELECT cause, last_seen FROM dead_letters FINAL ${where} LIMIT {cap:UInt32})`,
    params: shape.extend({ cap: z.number().int() }),
    row: z.object({ found: zCount, cause: z.string() }),
    maxSeconds: 10,
  });
  const tenants = fleetQuery({
    name: "dlq.page.tenants",
    sql: `
SELECT letter.tenant_id AS tenantId, if(tenant.name = '', letter.tenant_id, tenant.name) AS tenantName, letter.count AS count
FROM (SELECT tenant_id, count() AS count FROM dead_letters FINAL ${where} GROUP BY tenant_id) AS letter
LEFT JOIN (SELECT tenant_id, name FROM tenants FINAL) AS tenant ON tenant.tenant_id = letter.tenant_id
ORDER BY count DESC, tenantId
LIMIT ${TENANTS_SHOWN}`,
    params: shape,
    row: z.object({ tenantId: z.string(), tenantName: z.string(), count: zCount }),
    maxSeconds: 10,
  });
  const [rows, counted, whose] = await Promise.all([
    page(
      {
        ...params,
        limit: input.limit + 1,
        ...(afterAt === undefined ? {} : { afterAt: clickHouseTime(afterAt), afterId }),
      },
      db,
    ),
    facts({ ...params, cap: COUNT_CAP + 1 }, db),
    tenants(params, db),
  ]);
  const shown = rows.slice(0, input.limit);
  const last = shown.at(-1);
  const found = counted[0]?.found ?? 0;
  return {
    asOf: new Date().toISOString(),
    cause: counted[0]?.cause ?? "",
    rows: shown,
    tenants: whose,
    matching: { count: Math.min(found, COUNT_CAP), capped: found > COUNT_CAP },
    next:
      rows.length > input.limit && last !== undefined
        ? encodeCursor([last.lastSeen, last.id])
        : null,
  };
}
