import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { type Catalog, type Entity, catalog } from "@/lib/catalog";
import { migrate } from "@/server/clickhouse/migrate";
import { CLOSED_FROM } from "@/server/scd2/table-work";
import { storedType } from "@/server/scd2/typed-values";

import { type HistoryRow, LoadBench, balances } from "./support/load";
import { type OracleObject, expectedHistory } from "./support/oracle";

/** A table of a contributor's: one entry like those in lib/catalog … */
const assets: Entity = {
  name: "assets",
  label: "Asset",
  idColumn: "asset_id",
  titleColumn: "asset_name",
  columns: [
    { name: "asset_name", type: "text", required: true },
    { name: "serial_number", type: "text" },
    { name: "contact_email", type: "text", format: "email" },
    { name: "purchased_at", type: "datetime", required: true },
    { name: "retired_at", type: "datetime" },
    { name: "purchase_price", type: "decimal", required: true },
    { name: "book_value", type: "decimal" },
    { name: "seats", type: "integer", required: true },
    { name: "open_tickets", type: "integer" },
  ],
};

const ASSET_COLUMNS = `
    asset_name String,
    serial_number Nullable(String),
    contact_email Nullable(String),
    purchased_at DateTime64(3, 'UTC'),
    retired_at Nullable(DateTime64(3, 'UTC')),
    purchase_price Decimal64(2),
    book_value Nullable(Decimal64(2)),
    seats UInt32,
    open_tickets Nullable(UInt32),`;

/** … and one migration like those in sql/migrations. */
const ASSETS_MIGRATION = `-- assets: the observation log and the SCD Type 2 history derived from it.

CREATE TABLE IF NOT EXISTS assets_log {{cluster}} (
    tenant_id String,
    asset_id String,
    observed_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    object_stamp DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    source_object LowCardinality(String),
    source_row UInt64,
    kind Enum8('upsert' = 0, 'delete' = 1, 'rejected' = 2),
    extract_at Nullable(DateTime64(3, 'UTC')),${ASSET_COLUMNS}
    record_hash UInt128,
    source_system String,
    source_table String,
    ingestion_timestamp DateTime64(3, 'UTC'),
    run_id LowCardinality(String),
    raw String,
    errors Array(Tuple(field String, rule String, message String, value String))
) ENGINE = ReplacingMergeTree
PARTITION BY tenant_id
ORDER BY (tenant_id, asset_id, observed_at, object_stamp, source_object, source_row);

CREATE TABLE IF NOT EXISTS assets_scd {{cluster}} (
    tenant_id String,
    asset_id String,${ASSET_COLUMNS}
    effective_start_date DateTime64(3, 'UTC'),
    effective_end_date Nullable(DateTime64(3, 'UTC')),
    is_current Bool,
    record_hash UInt128,
    source_system String,
    source_table String,
    ingestion_timestamp DateTime64(3, 'UTC'),
    last_updated DateTime64(3, 'UTC'),
    run_id LowCardinality(String),
    source_object LowCardinality(String),
    source_row UInt64,
    is_deleted UInt8,
    row_version UInt64,
    partition_date Date32 MATERIALIZED toDate32(effective_start_date)
) ENGINE = ReplacingMergeTree(row_version, is_deleted)
PARTITION BY tenant_id
PRIMARY KEY (tenant_id, is_current, asset_id)
ORDER BY (tenant_id, is_current, asset_id, ${CLOSED_FROM});

CREATE VIEW IF NOT EXISTS assets_current {{cluster}} AS
SELECT * FROM assets_scd FINAL WHERE is_current = 1;

CREATE VIEW IF NOT EXISTS assets_current_of_tenant {{cluster}} AS
SELECT * FROM assets_scd FINAL WHERE tenant_id = {tenant_id:String} AND is_current = 1;

CREATE VIEW IF NOT EXISTS assets_history_of_tenant {{cluster}} AS
SELECT * FROM assets_scd FINAL WHERE tenant_id = {tenant_id:String};
`;

/** Later, two columns join. */
const assetsWithMore: Entity = {
  ...assets,
  columns: [
    ...assets.columns,
    { name: "condition", type: "text", addedLater: true },
    { name: "deposit", type: "decimal", addedLater: true },
  ],
};

const MORE_MIGRATION = ["log", "scd"]
  .map(
    (table) =>
      `ALTER TABLE assets_${table} {{cluster}} ADD COLUMN IF NOT EXISTS condition Nullable(String) AFTER open_tickets;
ALTER TABLE assets_${table} {{cluster}} ADD COLUMN IF NOT EXISTS deposit Nullable(Decimal64(2)) AFTER condition;`,
  )
  .join("\n");

const AROUND_LOG =
  "tenant_id observed_at object_stamp source_object source_row kind extract_at record_hash source_system source_table ingestion_timestamp run_id raw errors".split(
    " ",
  );
const AROUND_HISTORY =
  "tenant_id effective_start_date effective_end_date is_current record_hash source_system source_table ingestion_timestamp last_updated run_id source_object source_row is_deleted row_version partition_date".split(
    " ",
  );

let bench: LoadBench;
let migrations: string;

async function applyMigration(name: string, sql: string): Promise<void> {
  await writeFile(path.join(migrations, name), sql);
  expect(await migrate(bench.db, { folder: migrations })).toEqual({ applied: [name] });
}

beforeAll(async () => {
  bench = await LoadBench.open();
  migrations = await mkdtemp(path.join(tmpdir(), "avesa-migrations-"));
  await cp(path.resolve(import.meta.dirname, "../sql/migrations"), migrations, { recursive: true });
  await applyMigration("9001_assets.sql", ASSETS_MIGRATION);
});
afterAll(async () => {
  await rm(migrations, { recursive: true, force: true });
  await bench.close();
});

/** The columns of a table in their order, and their types. */
async function columnsOf(table: string): Promise<[name: string, type: string][]> {
  const rows = await bench.db.rows(
    {
      name: "test.columns",
      params: { table },
      sql: "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String} ORDER BY position",
    },
    z.object({ name: z.string(), type: z.string() }),
  );
  return rows.map(({ name, type }) => [name, type]);
}

/** A type as `system.columns` spells it. */
async function spelled(types: readonly string[]): Promise<string[]> {
  const list = types.map((type) => `defaultValueOfTypeName('${type.replaceAll("'", "\\'")}')`);
  const { names } = await bench.db.row(
    {
      name: "test.types",
      sql: `SELECT [${list.map((value) => `toTypeName(${value})`).join(", ")}] AS names`,
    },
    z.object({ names: z.array(z.string()) }),
  );
  return names;
}

describe.each([...Object.values(catalog), assets])("the migrations of $name", (entity) => {
  it.each([
    { table: `${entity.name}_log`, around: AROUND_LOG },
    { table: `${entity.name}_scd`, around: AROUND_HISTORY },
  ])("give $table exactly the catalogue's columns", async ({ table, around }) => {
    const columns = await columnsOf(table);
    const types = await spelled(entity.columns.map(storedType));
    expect(columns.filter(([name]) => !around.includes(name))).toEqual([
      [entity.idColumn, "String"],
      ...entity.columns.map(({ name }, index) => [name, types[index]]),
    ]);
    expect(columns.map(([name]) => name).filter((name) => around.includes(name))).toEqual(around);
    for (const [index, { required }] of entity.columns.entries()) {
      expect(types[index]?.startsWith("Nullable(")).toBe(required !== true);
    }
  });

  it("give a current view with the columns of the history", async () => {
    const history = (await columnsOf(`${entity.name}_scd`)).filter(
      ([name]) => name !== "partition_date",
    );
    expect(await columnsOf(`${entity.name}_current`)).toEqual(history);
  });

  it.each(["current", "history"])(
    "give a %s view that cannot be read without naming a tenant",
    async (kind) => {
      const view = `${entity.name}_${kind}_of_tenant`;
      const count = z.object({ count: z.coerce.number() });
      const read = { name: "test.view", params: { tenant: "nobody" } };
      await expect(
        bench.db.rows({ ...read, sql: `SELECT count() AS count FROM ${view}` }, count),
      ).rejects.toMatchObject({ name: "ClickHouseError", transient: false });
      expect(
        await bench.db.row(
          { ...read, sql: `SELECT count() AS count FROM ${view}(tenant_id = {tenant:String})` },
          count,
        ),
      ).toEqual({ count: 0 });
    },
  );
});

describe("a fifth entity", () => {
  const withAssets: Catalog = { ...catalog, assets };

  const asset = (id: string, day: number, more: object = {}): Record<string, unknown> => ({
    asset_id: id,
    last_updated: `2024-03-0${day}T00:00:00Z`,
    asset_name: "Printer",
    purchased_at: "2024-01-15",
    purchase_price: "499.995",
    seats: 1,
    ...more,
  });
  const good: Record<string, Record<string, unknown>[]> = {
    "a-20240301T000000Z-1.ndjson": [
      asset("p1", 1, { book_value: 400, contact_email: "ada@example.org", open_tickets: "3" }),
      asset("p2", 1, { serial_number: "", retired_at: "2024-02-28T12:00:00+02:00" }),
      asset("p3", 1),
    ],
    "b-20240303T000000Z-1.ndjson": [
      asset("p1", 3, { book_value: "399.99" }),
      asset("p2", 3, { serial_number: "", retired_at: "2024-02-28T10:00:00Z" }),
      { asset_id: "p3", last_updated: "2024-03-03", _deleted: true },
    ],
    "c-20240304T000000Z-1.ndjson": [asset("p1", 2, { purchase_price: 0, seats: 0 })],
  };
  const bad = [
    { asset_id: "bad 1", purchase_price: "much", contact_email: "ada", seats: -1 },
    asset("bad 2", 1, { purchase_price: "", seats: " ", purchased_at: null }),
    asset("bad 3", 1, { purchased_at: "2024-02-30", open_tickets: 1.5 }),
  ];
  const errors = [
    "asset_name is missing",
    "contact_email is not an e-mail address",
    "purchased_at is missing",
    "purchase_price is not a number",
    "seats is not a whole number from 0 to 4294967295",
    "purchased_at is missing",
    "purchase_price is missing",
    "seats is missing",
    "purchased_at is not an ISO 8601 date or time",
    "open_tickets is not a whole number from 0 to 4294967295",
  ];

  function expected(tenantId: string): HistoryRow[] {
    const objects = Object.entries(good).map(([name, records]): OracleObject => ({
      tenantId,
      key: `${tenantId}/canonical/assets/${name}`,
      stamp: Date.parse(name.replace(/^.-(....)(..)(..)T.*$/, "$1-$2-$3T00:00:00Z")),
      records,
    }));
    return expectedHistory(assets, objects).get(tenantId) ?? [];
  }

  it("needs one catalogue entry and one migration: increments and a bulk load are right", async () => {
    const five = bench.under(withAssets);
    const tenantId = await five.tenant();
    const names = Object.keys(good);
    for (const name of names) {
      // Bad rows stand in front of the first object's.
      const records = name === names[0] ? [...bad, ...(good[name] ?? [])] : (good[name] ?? []);
      await five.land(tenantId, "assets", name, records);
      const run = await five.load(tenantId, "assets");
      expect(run).toMatchObject({ status: "succeeded", rejected: name === names[0] ? 3 : 0 });
      expect(balances(run)).toBe(true);
    }
    const history = await five.history(tenantId, "assets");
    expect(history).toEqual(expected(tenantId));
    expect(history).toHaveLength(5);
    expect(await five.complaints(tenantId, "assets")).toEqual([]);
    const letters = await five.deadLetters(tenantId);
    expect(
      letters.flatMap((one) => one.errors.map(({ field, message }) => `${field} ${message}`)),
    ).toEqual(errors);

    const run = await five.load(tenantId, "assets", "bulk");
    expect(run).toMatchObject({ status: "succeeded", read: 10, rejected: 3, versions: 5 });
    expect(await five.history(tenantId, "assets")).toEqual(history);
  });

  it("may get columns later, and nothing that was stored before becomes a new version", async () => {
    const before = bench.under(withAssets);
    const tenantId = await before.tenant();
    const [first = "", second = ""] = Object.keys(good);
    await before.land(tenantId, "assets", first, good[first] ?? []);
    await before.load(tenantId, "assets");
    const stored = await before.history(tenantId, "assets");

    await applyMigration("9002_assets_more.sql", MORE_MIGRATION);
    const after = bench.under({ ...catalog, assets: assetsWithMore });
    const again = (good[first] ?? []).map((record) => ({
      ...record,
      last_updated: "2024-03-02T00:00:00Z",
      condition: null,
    }));
    await after.land(tenantId, "assets", second, again);
    expect(await after.load(tenantId, "assets")).toMatchObject({
      status: "succeeded",
      unchanged: 3,
      changed: 0,
      versions: 3,
    });
    const asBefore = stored.map((row) => ({ ...row, condition: null, deposit: null }));
    expect(await after.history(tenantId, "assets")).toEqual(asBefore);

    // A value in one of the new columns is a change; the two are not mistaken for each other.
    await after.land(tenantId, "assets", "d-20240305T000000Z-1.ndjson", [
      { ...good[first]?.[0], last_updated: "2024-03-03", condition: "" },
      { ...good[first]?.[0], last_updated: "2024-03-04", condition: "0.00" },
      { ...good[first]?.[0], last_updated: "2024-03-05", deposit: 0 },
    ]);
    expect(await after.load(tenantId, "assets")).toMatchObject({ changed: 3, versions: 6 });
    const history = await after.history(tenantId, "assets");
    expect(history.map((row) => [row["asset_id"], row["condition"], row["deposit"]])).toEqual([
      ["p1", null, null],
      ["p1", "", null],
      ["p1", "0.00", null],
      ["p1", null, "0.00"],
      ["p2", null, null],
      ["p3", null, null],
    ]);
    await after.load(tenantId, "assets", "bulk");
    expect(await after.history(tenantId, "assets")).toEqual(history);
    expect(await after.complaints(tenantId, "assets")).toEqual([]);
  });
});
