import { createHash } from "node:crypto";

import { z } from "zod";

import type { WaitingTable } from "@/lib/contracts/tenant-settings";
import type { StoredObject } from "@/server/canonical/canonical-store";
import { parseObjectName, tablePrefix } from "@/server/canonical/object-key";
import { zCount } from "@/server/clickhouse/columns";
import type { RunContext } from "@/server/runs/run-context";

/** What of a tenant's part of the store is not in its tables. */
export interface Backlog {
  /** One entry for each table with waiting objects. */
  readonly waiting: readonly WaitingTable[];
  /**
   * Objects and folders that no run takes in: another content under a key that was loaded, names outside the scheme. A run
   * makes dead letters of them once; '' where there are none.
   */
  readonly oddities: string;
  /** A publish broke off and waits to be put right. */
  readonly isUnsettled: boolean;
}

export type BacklogContext = Pick<RunContext, "db" | "store" | "entities">;

const LedgerRow = z.object({
  table_name: z.string(),
  object_key: z.string(),
  bytes: zCount,
  modified: zCount,
  status: z.string(),
  error: z.string(),
});
const ExtractRow = z.object({ table_name: z.string(), at: zCount });
type Ledger = ReadonlyMap<string, z.infer<typeof LedgerRow>>;

interface KnownExtracts {
  readonly counted: ReadonlySet<number>;
  /** In a plan that waits or was rejected: no increment takes them. */
  readonly planned: ReadonlySet<number>;
}

/**
 * Compares what the store lists with the ledger: names, sizes and times only, no object is opened. It follows the rules of
 * discovery (server/scd2/discover.ts): an extract counts once it is complete, and waits as a whole where one of its objects
 * could not be read.
 */
export async function lookForBacklog(
  context: BacklogContext,
  tenantId: string,
  listed: ReadonlyMap<string, readonly StoredObject[]>,
  strangers: readonly string[],
): Promise<Backlog> {
  const { ledger, extracts, planned, isUnsettled } = await readLedger(context, tenantId);
  const waiting: WaitingTable[] = [];
  const odd: string[] = strangers.map((folder) => `folder ${folder}`);
  for (const [tableName, objects] of listed) {
    const found = compare(tablePrefix(tenantId, tableName), objects, ledger, {
      counted: extracts.get(tableName) ?? new Set(),
      planned: planned.get(tableName) ?? new Set(),
    });
    odd.push(...found.odd);
    if (found.waiting.length > 0) {
      waiting.push({
        tableName,
        objects: found.waiting.length,
        bytes: found.waiting.reduce((sum, object) => sum + object.bytes, 0),
        oldestAt: new Date(
          found.waiting.reduce((least, object) => Math.min(least, object.lastModified), Infinity),
        ).toISOString(),
      });
    }
  }
  return {
    waiting,
    oddities:
      odd.length === 0
        ? ""
        : createHash("sha256").update(odd.toSorted().join("\n")).digest("hex").slice(0, 32),
    isUnsettled,
  };
}

function compare(
  prefix: string,
  objects: readonly StoredObject[],
  ledger: Ledger,
  { counted, planned }: KnownExtracts,
): { waiting: StoredObject[]; odd: string[] } {
  const complete = new Map<number, StoredObject>();
  const held = new Set<number>(planned);
  const fresh: { object: StoredObject; extractAt: number | undefined }[] = [];
  const odd: string[] = [];
  for (const object of objects) {
    const name = parseObjectName(object.key.slice(prefix.length));
    if (name.kind === "extract-complete") complete.set(name.extractAt, object);
    else if (name.kind === "outside") odd.push(`outside ${object.key}`);
    else {
      const row = ledger.get(object.key);
      const isKnown = row !== undefined && row.status !== "dropped" && !isVanished(row);
      if (!isKnown) fresh.push({ object, extractAt: name.extractAt });
      else if (row.bytes !== object.bytes || row.modified !== object.lastModified) {
        // Whether its content is another one, only reading it would tell.
        odd.push(`replaced ${object.key} ${object.bytes} ${object.lastModified}`);
      } else if (row.status === "failed" && name.extractAt !== undefined) held.add(name.extractAt);
    }
  }
  const waiting = fresh
    .filter(
      ({ extractAt }) =>
        extractAt === undefined || (complete.has(extractAt) && !held.has(extractAt)),
    )
    .map(({ object }) => object);
  const inFresh = new Set(fresh.map(({ extractAt }) => extractAt));
  for (const [at, object] of complete) {
    // All its objects are in the tables, and only its completeness is news.
    if (!counted.has(at) && !held.has(at) && !inFresh.has(at)) waiting.push(object);
  }
  return { waiting, odd };
}

function isVanished(row: { readonly status: string; readonly error: string }): boolean {
  return row.status === "failed" && row.error.startsWith("vanished");
}

async function readLedger(
  { db }: BacklogContext,
  tenantId: string,
): Promise<{
  ledger: Ledger;
  extracts: Map<string, Set<number>>;
  planned: Map<string, Set<number>>;
  isUnsettled: boolean;
}> {
  const params = { tenant_id: tenantId };
  const [rows, extractRows, plannedRows, unsettled] = await Promise.all([
    db.rows(
      {
        name: "schedules.ledger",
        params,
        sql: `SELECT table_name, object_key, bytes, toUnixTimestamp64Milli(last_modified) AS modified, status, error
FROM objects FINAL WHERE tenant_id = {tenant_id:String}`,
      },
      LedgerRow,
    ),
    db.rows(
      {
        name: "schedules.extracts",
        params,
        sql: `SELECT table_name, toUnixTimestamp64Milli(extract_at) AS at FROM extracts FINAL
WHERE tenant_id = {tenant_id:String} AND status != 'dropped'`,
      },
      ExtractRow,
    ),
    db.rows(
      {
        name: "schedules.planned-extracts",
        params,
        sql: `SELECT table_name, arrayJoin(extracts) AS at FROM plans FINAL
WHERE tenant_id = {tenant_id:String} AND reason = 'extract' AND plans.status IN ('waiting', 'rejected')`,
      },
      ExtractRow,
    ),
    db.row(
      {
        name: "schedules.unsettled",
        params,
        sql: "SELECT countIf(NOT is_settled) AS found FROM table_states FINAL WHERE tenant_id = {tenant_id:String}",
      },
      z.object({ found: zCount }),
    ),
  ]);
  return {
    ledger: new Map(rows.map((row) => [row.object_key, row])),
    extracts: byTable(extractRows),
    planned: byTable(plannedRows),
    isUnsettled: unsettled.found > 0,
  };
}

function byTable(rows: readonly z.infer<typeof ExtractRow>[]): Map<string, Set<number>> {
  const found = new Map<string, Set<number>>();
  for (const { table_name, at } of rows) {
    found.set(table_name, (found.get(table_name) ?? new Set()).add(at));
  }
  return found;
}
