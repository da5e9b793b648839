import { z } from "zod";

import { tickets } from "@/lib/catalog/tickets";
import { readEntityHistory } from "@/server/analytics/entity-history";
import { scopeToTenant } from "@/server/tenant-scope";

import type { Bench } from "./benchmark";
import type { Readings } from "./figures";
import type { LargeTenant } from "./large-tenant";
import { percentile, summarize, time } from "./measure";

/** Timelines a round. */
const READS = 40;

/** Timelines of tickets chosen all over the table, each another one. */
export async function measureEntity(
  bench: Bench,
  { tenantId }: Pick<LargeTenant, "tenantId">,
): Promise<Readings> {
  const { db } = bench;
  const scope = await scopeToTenant(
    db,
    { username: "bench", displayName: "bench", role: "admin" },
    tenantId,
  );
  const reads = bench.rounds * READS;
  const ids = await db.rows(
    {
      name: "bench.entity.ids",
      params: { tenant_id: tenantId, reads },
      sql: `SELECT ticket_id FROM tickets_current_of_tenant(tenant_id = {tenant_id:String})
ORDER BY cityHash64(ticket_id, 'entity') LIMIT {reads:UInt32}`,
    },
    z.object({ ticket_id: z.string() }),
  );
  const reader = db.asReader();
  const times: number[] = [];
  for (const { ticket_id: id } of ids) {
    times.push(await time(() => readEntityHistory(scope, tickets, { id }, reader)));
  }
  await reader.close();
  const { least, most } = summarize(times);
  return { "entity.p95Ms": { value: percentile(times, 0.95), least, most } };
}
