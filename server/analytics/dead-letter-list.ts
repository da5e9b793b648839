import { z } from "zod";
import { DeadLetterKind, type DeadLetterListReply, DeadLetterStatus } from "@/lib/contracts/dlq";
import type { Db } from "@/server/clickhouse/client";
import { fleetQuery } from "@/server/clickhouse/fleet-query";
import { groupBy } from "@/lib/group-by";
import { countedGroups } from "@/server/dlq/letter-counts";
import { decodeCursor, encodeCursor } from "./cursor";
import {
  asPlaceParams,
  atPlaces,
  type LetterPlace,
  placeParams,
  readCauses,
} from "./dead-letter-causes";
import { type DeadLetterFilter, bindDeadLetters } from "./dead-letter-filter";
import { clickHouseTime } from "./run-list";
import { zCount, zFlag, zInstant } from "./row-types";

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

/** Which tenants' tables have matching dead letters, and how many. */
function counts(filter: DeadLetterFilter) {
  const { where, shape } = bindDeadLetters(filter);
  return fleetQuery({
    name: "dlq.page.counts",
    sql: `
SELECT tenant_id AS tenantId, toString(table_name) AS tableName, sum(found) AS count,
    max(last_seen) AS lastSeen, argMax(newest_id, (last_seen, newest_id)) AS newestId
FROM (SELECT * FROM (${countedGroups()}) ${where})
GROUP BY tenant_id, table_name
ORDER BY lastSeen DESC`,
    params: shape,
    row: z.object({
      tenantId: z.string(),
      tableName: z.string(),
      count: zCount,
      lastSeen: zInstant,
      newestId: z.string(),
    }),
    maxSeconds: 10,
  });
}

const keyRow = z.object({
  tenantId: z.string(),
  tableName: z.string(),
  id: z.string(),
  holds: zFlag,
});

/**
 * Rows that match, newest first, with whether each is the newest of its dead letter. FINAL would read the keys of all rows to
 * tell; this asks it of the few that could be shown.
 */
function keys(filter: DeadLetterFilter, after: string) {
  const { clauses, shape } = bindDeadLetters(filter);
  const conditions = [...clauses, after].filter((clause) => clause !== "");
  return fleetQuery({
    name: "dlq.page.keys",
    sql: `
WITH found AS
(
    SELECT tenant_id, table_name, dead_letter_id, last_seen, version FROM dead_letters
    ${conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`}
    ORDER BY last_seen DESC, dead_letter_id DESC
    LIMIT {limit:UInt32}
)
SELECT found.tenant_id AS tenantId, toString(found.table_name) AS tableName, found.dead_letter_id AS id,
    found.version = newest.version AS holds
FROM found
INNER JOIN
(
    SELECT tenant_id, table_name, dead_letter_id, max(version) AS version FROM dead_letters
    WHERE dead_letter_id IN (SELECT dead_letter_id FROM found)
    GROUP BY tenant_id, table_name, dead_letter_id
) AS newest ON newest.tenant_id = found.tenant_id AND newest.table_name = found.table_name AND newest.dead_letter_id = found.dead_letter_id
ORDER BY found.last_seen DESC, found.dead_letter_id DESC`,
    params: shape.extend({
      limit: z.number().int(),
      afterAt: z.string().optional(),
      afterId: z.string().optional(),
    }),
    row: keyRow,
    maxSeconds: 10,
  });
}

/** The keys of a page: asks for more rows until enough of them are not replaced, or there are no more. */
async function pageKeys(
  input: DeadLetterListInput,
  wanted: number,
  db: Db | undefined,
): Promise<LetterPlace[]> {
  const { params } = bindDeadLetters(input);
  const [afterAt, afterId] = input.after === null ? [] : decodeCursor(input.after, 2);
  const read = keys(
    input,
    afterAt === undefined
      ? ""
      : "(last_seen, dead_letter_id) < ({afterAt:DateTime64(3, 'UTC')}, {afterId:String})",
  );
  const place = afterAt === undefined ? {} : { afterAt: clickHouseTime(afterAt), afterId };
  for (let limit = wanted * 3; ; limit *= 8) {
    const rows = await read({ ...params, ...place, limit }, db);
    const held = new Map(
      rows
        .filter((row) => row.holds)
        // A row that was written twice is there twice until its parts are merged.
        .map((row) => [JSON.stringify([row.tenantId, row.tableName, row.id]), row]),
    );
    if (held.size >= wanted || rows.length < limit) return [...held.values()].slice(0, wanted);
  }
}

const letters = fleetQuery({
  name: "dlq.page",
  sql: `
SELECT ${DEAD_LETTER_COLUMNS}
FROM
(
    ${atPlaces("tenant_id, table_name, dead_letter_id, kind, status, entity_id, object_key, errors, first_seen, last_seen")}
) AS letter
LEFT JOIN (SELECT tenant_id, name FROM tenants FINAL) AS tenant ON tenant.tenant_id = letter.tenant_id
ORDER BY lastSeen DESC, id DESC`,
  params: placeParams,
  row: deadLetterRow,
  maxSeconds: 10,
});

const names = fleetQuery({
  name: "dlq.page.tenants",
  sql: "SELECT tenant_id AS tenantId, name FROM tenants FINAL",
  params: z.object({}),
  row: z.object({ tenantId: z.string(), name: z.string() }),
  maxSeconds: 10,
});

/** A page of dead letters, the last seen first. */
export async function readDeadLetters(
  input: DeadLetterListInput,
  db?: Db,
): Promise<DeadLetterListReply> {
  const { params } = bindDeadLetters(input);
  const [counted, named, picked] = await Promise.all([
    counts(input)(params, db),
    names({}, db),
    pageKeys(input, input.limit + 1, db),
  ]);
  const [newest] = counted;
  const [rows, causes] = await Promise.all([
    letters(asPlaceParams(picked), db),
    readCauses(newest === undefined ? [] : [{ ...newest, id: newest.newestId }], db),
  ]);
  const nameOf = new Map(named.map((tenant) => [tenant.tenantId, tenant.name]));
  const shown = rows.slice(0, input.limit);
  const last = shown.at(-1);
  const found = sum(counted);
  return {
    asOf: new Date().toISOString(),
    cause: newest === undefined ? "" : (causes.get(newest.newestId)?.cause ?? ""),
    rows: shown,
    tenants: [...groupBy(counted, (table) => table.tenantId)]
      .map(([tenantId, tables]) => ({
        tenantId,
        tenantName: nameOf.get(tenantId) ?? tenantId,
        count: sum(tables),
      }))
      .toSorted((a, b) => b.count - a.count || (a.tenantId < b.tenantId ? -1 : 1))
      .slice(0, TENANTS_SHOWN),
    matching: { count: Math.min(found, COUNT_CAP), capped: found > COUNT_CAP },
    next:
      rows.length > input.limit && last !== undefined
        ? encodeCursor([last.lastSeen, last.id])
        : null,
  };
}

function sum(tables: readonly { readonly count: number }[]): number {
  return tables.reduce((total, table) => total + table.count, 0);
}
