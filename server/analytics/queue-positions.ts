import { z } from "zod";
import type { Db } from "@/server/clickhouse/client";
import { fleetQuery } from "@/server/clickhouse/fleet-query";
import { inOrder, QUEUE_SQL, QueuedRun } from "@/server/runs/queue";

const queue = fleetQuery({
  name: "runs.queue-shown",
  sql: QUEUE_SQL,
  params: z.object({}),
  row: QueuedRun,
  maxSeconds: 5,
});

const atWork = fleetQuery({
  name: "runs.at-work",
  sql: "SELECT tenant_id AS tenantId FROM runs FINAL WHERE status IN ('running', 'retrying')",
  params: z.object({}),
  row: z.object({ tenantId: z.string() }),
  maxSeconds: 5,
});

/** Where each queued run stands, from 1, in the order in which a worker takes them up. */
export async function queuePositions(db?: Db): Promise<Map<string, number>> {
  const [waiting, working] = await Promise.all([queue({}, db), atWork({}, db)]);
  const ordered = inOrder(
    waiting,
    working.map(({ tenantId }) => tenantId),
  );
  return new Map(ordered.map((run, index) => [run.run_id, index + 1]));
}
