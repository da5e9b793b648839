import { ulid } from "ulid";
import { afterAll, beforeAll, expect, it } from "vitest";

import { tickets } from "@/lib/catalog/tickets";
import { type Violation, checkInvariants } from "@/server/scd2/invariants";

import { LoadBench } from "./support/load";

let bench: LoadBench;
beforeAll(async () => {
  bench = await LoadBench.open();
});
afterAll(async () => bench.close());

const MONTH = (month: number): string => `toDateTime64('2026-0${month}-01 00:00:00', 3, 'UTC')`;

/** Writes histories of two versions each, January to March and from April on, beside the markers that explain some. */
async function tenantWithHoles(holes: number, explained: number): Promise<string> {
  const tenantId = await bench.tenant();
  const params = { tenant_id: tenantId, holes, explained };
  const id = "concat('T', toString(number))";
  await bench.db.command({
    name: "test.versions",
    params,
    sql: `INSERT INTO tickets_scd (tenant_id, ticket_id, effective_start_date, effective_end_date, is_current, record_hash, row_version)
SELECT {tenant_id:String}, ${id}, if(is_first, ${MONTH(1)}, ${MONTH(4)}), if(is_first, ${MONTH(3)}, NULL), NOT is_first, 1, 1
FROM numbers({holes:UInt64}) ARRAY JOIN [true, false] AS is_first`,
  });
  await bench.db.command({
    name: "test.markers",
    params,
    sql: `INSERT INTO tickets_log (tenant_id, ticket_id, observed_at, object_stamp, kind)
SELECT {tenant_id:String}, ${id}, ${MONTH(3)}, ${MONTH(3)}, 'delete' FROM numbers({explained:UInt64})`,
  });
  return tenantId;
}

async function check(tenantId: string): Promise<Violation[]> {
  return checkInvariants({ ...bench.context, entity: tickets, tenantId, runId: ulid() }, "all");
}

// 700 are more than are looked up one by one.
it.each([3, 700])("holes need a deletion at their start, %i of them", async (holes) => {
  await expect(check(await tenantWithHoles(holes, holes))).resolves.toEqual([]);

  const [violation, ...others] = await check(await tenantWithHoles(holes, holes - 1));
  expect(others).toEqual([]);
  expect(violation).toEqual({
    invariant: "no hole but a deletion",
    entities: 1,
    samples: [`T${holes - 1}`],
  });
});

it("a version that overlaps the next and one that is not current though it is open are told apart", async () => {
  const tenantId = await bench.tenant();
  await bench.db.command({
    name: "test.versions",
    params: { tenant_id: tenantId },
    sql: `INSERT INTO tickets_scd (tenant_id, ticket_id, effective_start_date, effective_end_date, is_current, record_hash, row_version)
SELECT {tenant_id:String}, row.1, row.2, row.3, row.4, row.5, 1 FROM (SELECT arrayJoin([
  ('overlaps', ${MONTH(1)}, toNullable(${MONTH(5)}), false, 1),
  ('overlaps', ${MONTH(4)}, NULL, true, 2),
  ('open', ${MONTH(1)}, NULL, false, 1)]) AS row)`,
  });
  await expect(check(tenantId)).resolves.toEqual([
    { invariant: "current exactly when open", entities: 1, samples: ["open"] },
    { invariant: "no overlap", entities: 1, samples: ["overlaps"] },
  ]);
});
