import { z } from "zod";
import {
  DeadLetterKind,
  type DeadLetterGroup,
  type DeadLetterGroupsReply,
} from "@/lib/contracts/dlq";
import type { Db } from "@/server/clickhouse/client";
import { fleetQuery } from "@/server/clickhouse/fleet-query";
import { countedGroups } from "@/server/dlq/letter-counts";
import { decodeCursor, encodeCursor } from "./cursor";
import { readCauses } from "./dead-letter-causes";
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

/**
 * Of the counted groups of all tables those that match, by fingerprint, each with sums over everything that matches and with
 * how failures of its cause ended elsewhere.
 */
function statement(matches: string, after: string): string {
  return `
SELECT *
FROM
(
    SELECT
        * EXCEPT whose,
        intDiv(toUnixTimestamp(now()), 3600) AS hour,
        sum(count) OVER () AS records,
        count() OVER () AS groups,
        uniqExactMerge(whose) OVER () AS allTenants
    FROM
    (
        SELECT
            fingerprint,
            sumIf(found, matches) AS count,
            anyIf(kind, matches) AS kind,
            anyIf(toString(table_name), matches) AS tableName,
            argMaxIf((tenant_id, toString(table_name), newest_id), (last_seen, newest_id), matches) AS newest,
            uniqExactIf(tenant_id, matches) AS tenants,
            anyIf(tenant_id, matches) AS tenantId,
            minIf(first_seen, matches) AS firstSeen,
            maxIf(last_seen, matches) AS lastSeen,
            sumMapIf(hours, found_by_hour, matches) AS byHour,
            sumIf(found, status = 'replayed') AS mended,
            sumIf(found, status = 'discarded') AS discarded,
            uniqExactStateIf(tenant_id, matches) AS whose
        FROM (SELECT *, ${matches} AS matches FROM (${countedGroups()}))
        GROUP BY fingerprint
        HAVING count > 0
    )
)
${after}
ORDER BY count DESC, fingerprint DESC
LIMIT {limit:UInt32}
SETTINGS output_format_json_named_tuples_as_objects = 0`;
}

const row = z.object({
  fingerprint: z.string(),
  count: zCount,
  kind: DeadLetterKind,
  tableName: z.string(),
  newest: z.tuple([z.string(), z.string(), z.string()]),
  tenants: zCount,
  tenantId: z.string(),
  firstSeen: zInstant,
  lastSeen: zInstant,
  byHour: z.tuple([z.array(zCount), z.array(zCount)]),
  mended: zCount,
  discarded: zCount,
  hour: zCount,
  records: zCount,
  groups: zCount,
  allTenants: zCount,
});

const names = fleetQuery({
  name: "dlq.tenant-names",
  sql: "SELECT tenant_id AS tenantId, name FROM tenants FINAL",
  params: z.object({}),
  row: z.object({ tenantId: z.string(), name: z.string() }),
  maxSeconds: 10,
});

/** The last 24 hours, oldest first, from hours since the epoch with what was found in each. */
function dense(
  hour: number,
  [hours, found]: readonly [readonly number[], readonly number[]],
): number[] {
  const day = Array.from({ length: HOURS }, () => 0);
  for (const [index, at] of hours.entries()) {
    const ago = hour - at;
    if (ago >= 0 && ago < HOURS) day[HOURS - 1 - ago] = found[index] ?? 0;
  }
  return day;
}

/** Groups of alike failures, the largest first, with sums over all that match. */
export async function readDeadLetterGroups(
  input: DeadLetterGroupsInput,
  db?: Db,
): Promise<DeadLetterGroupsReply> {
  const { clauses, params, shape } = bindDeadLetters(input);
  const [afterCount, afterFingerprint] = input.after === null ? [] : decodeCursor(input.after, 2);
  const groups = fleetQuery({
    name: "dlq.groups",
    sql: statement(
      clauses.length === 0 ? "true" : clauses.join(" AND "),
      afterCount === undefined
        ? ""
        : "WHERE (count, fingerprint) < ({afterCount:UInt64}, {afterFingerprint:String})",
    ),
    params: shape.extend({
      limit: z.number().int(),
      afterCount: z.string().optional(),
      afterFingerprint: z.string().optional(),
    }),
    row,
    maxSeconds: 10,
  });
  const [rows, tenants] = await Promise.all([
    groups(
      {
        ...params,
        limit: input.limit + 1,
        ...(afterCount === undefined ? {} : { afterCount, afterFingerprint }),
      },
      db,
    ),
    names({}, db),
  ]);
  const shown = rows.slice(0, input.limit);
  const causes = await readCauses(
    shown.map(({ newest: [tenantId, tableName, id] }) => ({ tenantId, tableName, id })),
    db,
  );
  const nameOf = new Map(tenants.map((tenant) => [tenant.tenantId, tenant.name]));
  const last = shown.at(-1);
  // Behind the last group there are still sums over all of them.
  if (rows.length === 0 && input.after !== null) {
    const first = await readDeadLetterGroups({ ...input, after: null, limit: 1 }, db);
    return { ...first, rows: [], next: null };
  }
  const [sums] = rows;
  return {
    asOf: new Date().toISOString(),
    rows: shown.map((group): DeadLetterGroup => {
      const { hour, byHour, newest, tenantId } = group;
      const hours = dense(hour, byHour);
      return {
        fingerprint: group.fingerprint,
        cause: causes.get(newest[2])?.cause ?? "",
        example: causes.get(newest[2])?.example ?? "",
        kind: group.kind,
        tableName: group.tableName,
        count: group.count,
        tenants: group.tenants,
        tenantName: group.tenants === 1 ? (nameOf.get(tenantId) ?? tenantId) : null,
        firstSeen: group.firstSeen,
        lastSeen: group.lastSeen,
        hours,
        rising: isRising(hours),
        mended: group.mended,
        discarded: group.discarded,
      };
    }),
    records: sums?.records ?? 0,
    groups: sums?.groups ?? 0,
    tenants: sums?.allTenants ?? 0,
    next:
      rows.length > input.limit && last !== undefined
        ? encodeCursor([last.count, last.fingerprint])
        : null,
  };
}
