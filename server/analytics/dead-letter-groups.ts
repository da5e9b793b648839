import { z } from "zod";
import {
  DeadLetterKind,
  type DeadLetterGroup,
  type DeadLetterGroupsReply,
} from "@/lib/contracts/dlq";
import type { Db } from "@/server/clickhouse/client";
import { fleetQuery } from "@/server/clickhouse/fleet-query";
import { decodeCursor, encodeCursor } from "./cursor";
import { type DeadLetterFilter, bindDeadLetters } from "./dead-letter-filter";
import { zCount, zInstant } from "./row-types";

const HOURS = 24;

export interface DeadLetterGroupsInput extends DeadLetterFilter {
  readonly after: string | null;
  readonly limit: number;
}

/** The last three hours brought more than the rest of the day would lead one to expect. Pure. */
export function isRising(hours: readonly number[]): boolean {
  const recent = hours.slice(-3).reduce((total, count) => total + count, 0) / 3;
  const earlier =
    hours.slice(0, -3).reduce((total, count) => total + count, 0) / Math.max(1, hours.length - 3);
  return recent >= 1 && recent > 2 * earlier;
}

/** Groups of alike failures, the largest first, with sums over all that match. */
export async function readDeadLetterGroups(
  input: DeadLetterGroupsInput,
  db?: Db,
): Promise<DeadLetterGroupsReply> {
  const { where, params, shape } = bindDeadLetters(input);
  const [afterCount, afterFingerprint] = input.after === null ? [] : decodeCursor(input.after, 2);
  const groups = fleetQuery({
    name: "dlq.groups",
    sql: `
SELECT
    fingerprint,
    argMax(groupCause, newest) AS cause,
    argMax(groupExample, newest) AS example,
    any(groupKind) AS kind,
    any(groupTable) AS tableName,
    sum(found) AS count,
    groupUniqArrayArray(1000)(tenantIds) AS tenantIds,
    min(oldest) AS firstSeen,
    max(newest) AS lastSeen,
    groupArray((hour, found)) AS hours
FROM
(
    SELECT
        fingerprint,
        least(dateDiff('hour', first_seen, now64(3, 'UTC')), ${HOURS}) AS hour,
        argMax(cause, last_seen) AS groupCause,
        substringUTF8(argMax(errors[1].value, last_seen), 1, 60) AS groupExample,
        any(toString(kind)) AS groupKind,
        any(toString(table_name)) AS groupTable,
        count() AS found,
        groupUniqArray(1000)(tenant_id) AS tenantIds,
        min(first_seen) AS oldest,
        max(last_seen) AS newest
    FROM dead_letters FINAL
    ${where}
    GROUP BY fingerprint, hour
)
GROUP BY fingerprint
${afterCount === undefined ? "" : "HAVING (count, fingerprint) < ({afterCount:UInt64}, {afterFingerprint:String})"}
ORDER BY count DESC, fingerprint DESC
LIMIT {limit:UInt32}`,
    params: shape.extend({
      limit: z.number().int(),
      afterCount: z.string().optional(),
      afterFingerprint: z.string().optional(),
    }),
    row: z.object({
      fingerprint: z.string(),
      cause: z.string(),
      example: z.string(),
      kind: DeadLetterKind,
      tableName: z.string(),
      count: zCount,
      tenantIds: z.array(z.string()),
      firstSeen: zInstant,
      lastSeen: zInstant,
      hours: z.array(z.tuple([zCount, zCount])),
    }),
    maxSeconds: 10,
  });
  const totals = fleetQuery({
    name: "dlq.totals",
    sql: `
SELECT count() AS records, uniqExact(fingerprint) AS groups, uniqExact(tenant_id) AS tenants
FROM dead_letters FINAL ${where}`,
    params: shape,
    row: z.object({ records: zCount, groups: zCount, tenants: zCount }),
    maxSeconds: 10,
  });
  const names = fleetQuery({
    name: "dlq.tenant-names",
    sql: "SELECT tenant_id AS tenantId, name FROM tenants FINAL",
    params: z.object({}),
    row: z.object({ tenantId: z.string(), name: z.string() }),
    maxSeconds: 10,
  });
  const ends = fleetQuery({
    name: "dlq.ends",
    sql: `
SELECT fingerprint, countIf(status = 'replayed') AS mended, countIf(status = 'discarded') AS discarded
FROM dead_letters FINAL
WHERE fingerprint IN {fingerprints:Array(String)}
GROUP BY fingerprint`,
    params: z.object({ fingerprints: z.array(z.string()) }),
    row: z.object({ fingerprint: z.string(), mended: zCount, discarded: zCount }),
    maxSeconds: 10,
  });
  const [rows, sums, tenants] = await Promise.all([
    groups(
      {
        ...params,
        limit: input.limit + 1,
        ...(afterCount === undefined ? {} : { afterCount, afterFingerprint }),
      },
      db,
    ),
    totals(params, db),
    names({}, db),
  ]);
  const ended = await ends({ fingerprints: rows.map((row) => row.fingerprint) }, db);
  const endOf = new Map(ended.map((row) => [row.fingerprint, row]));
  const nameOf = new Map(tenants.map((tenant) => [tenant.tenantId, tenant.name]));
  const shown = rows.slice(0, input.limit).map(({ tenantIds, hours, ...row }): DeadLetterGroup => {
    const dense = Array.from({ length: HOURS }, () => 0);
    for (const [hour, found] of hours)
      if (hour >= 0 && hour < HOURS) dense[HOURS - 1 - hour] = found;
    const [only] = tenantIds;
    return {
      ...row,
      tenants: tenantIds.length,
      tenantName: tenantIds.length === 1 && only !== undefined ? (nameOf.get(only) ?? only) : null,
      hours: dense,
      rising: isRising(dense),
      mended: endOf.get(row.fingerprint)?.mended ?? 0,
      discarded: endOf.get(row.fingerprint)?.discarded ?? 0,
    };
  });
  const last = shown.at(-1);
  return {
    asOf: new Date().toISOString(),
    rows: shown,
    records: sums[0]?.records ?? 0,
    groups: sums[0]?.groups ?? 0,
    tenants: sums[0]?.tenants ?? 0,
    next:
      rows.length > input.limit && last !== undefined
        ? encodeCursor([last.count, last.fingerprint])
        : null,
  };
}
