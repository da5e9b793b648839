import { z } from "zod";
import type { NavReply } from "@/lib/contracts/nav";
import type { Db } from "@/server/clickhouse/client";
import { fleetQuery } from "@/server/clickhouse/fleet-query";
import { countedOpen } from "@/server/dlq/letter-counts";
import { zCount } from "./row-types";
import { OPEN_STATES_SQL } from "./run-status-sql";

const tenants = fleetQuery({
  name: "nav.tenants",
  sql: "SELECT tenant_id AS id, name, time_zone AS timeZone FROM tenants FINAL ORDER BY lower(name), tenant_id",
  params: z.object({}),
  row: z.object({ id: z.string(), name: z.string(), timeZone: z.string() }),
  maxSeconds: 5,
});

const counts = fleetQuery({
  name: "nav.counts",
  sql: `
SELECT
    (SELECT count() FROM runs FINAL WHERE status IN ${OPEN_STATES_SQL}) AS runs,
    (SELECT sum(open) FROM (${countedOpen()})) AS deadLetters,
    version() AS version`,
  params: z.object({}),
  row: z.object({ runs: zCount, deadLetters: zCount, version: z.string() }),
  maxSeconds: 5,
});

const answer = fleetQuery({
  name: "nav.answer",
  sql: "SELECT 1 AS one",
  params: z.object({}),
  row: z.object({ one: zCount }),
  maxSeconds: 5,
});

/** What the frame shows. The milliseconds are those of a statement that does nothing, there and back. */
export async function readNav(db?: Db): Promise<NavReply> {
  const [all, rows] = await Promise.all([tenants({}, db), counts({}, db)]);
  const begun = performance.now();
  await answer({}, db);
  const milliseconds = Math.round(performance.now() - begun);
  const [found] = rows;
  return {
    asOf: new Date().toISOString(),
    tenants: all,
    runs: found?.runs ?? 0,
    deadLetters: found?.deadLetters ?? 0,
    clickHouse: { version: found?.version ?? "", milliseconds },
  };
}
