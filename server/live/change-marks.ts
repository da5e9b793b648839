import "server-only";
import { z } from "zod";
import { zDigits } from "@/server/clickhouse/columns";
import { fleetQuery } from "@/server/clickhouse/fleet-query";
import { OPEN_STATES_SQL, shownStatus } from "@/server/analytics/run-status-sql";

/** A run that moves: `progress` rises with every row written about it, `state` is what the fleet page shows of it. */
const runMarks = fleetQuery({
  name: "live.runs",
  sql: `
WITH moving AS
(
    SELECT run_id, tenant_id, version, ${shownStatus("runs")} AS state FROM runs FINAL
    WHERE status IN ${OPEN_STATES_SQL} OR finished_at >= now64(3, 'UTC') - toIntervalSecond(60)
    LIMIT 1000
)
SELECT
    run.run_id AS runId,
    run.tenant_id AS tenantId,
    run.state AS state,
    toString(run.version + work.marks + step.marks + event.found) AS progress
FROM moving AS run
LEFT JOIN
(
    SELECT run_id, sum(newest) AS marks
    FROM
    (
        SELECT run_id, table_name, max(version) AS newest FROM run_tables
        WHERE run_id IN (SELECT run_id FROM moving) GROUP BY run_id, table_name
    )
    GROUP BY run_id
) AS work ON work.run_id = run.run_id
LEFT JOIN
(
    SELECT run_id, max(version) AS marks FROM run_steps
    WHERE run_id IN (SELECT run_id FROM moving) GROUP BY run_id
) AS step ON step.run_id = run.run_id
LEFT JOIN
(
    SELECT run_id, count() AS found FROM run_events
    WHERE run_id IN (SELECT run_id FROM moving) GROUP BY run_id
) AS event ON event.run_id = run.run_id`,
  params: z.object({}),
  row: z.object({
    runId: z.string(),
    tenantId: z.string(),
    state: z.string(),
    progress: zDigits,
  }),
  maxSeconds: 5,
});

const restMarks = fleetQuery({
  name: "live.rest",
  sql: `
SELECT
    toString((SELECT max(version) FROM table_states) + (SELECT max(version) FROM tenants) + (SELECT count() FROM tenants)) AS fleet,
    toString((SELECT max(version) FROM dead_letters) + (SELECT count() FROM dead_letters)) AS dlq`,
  params: z.object({}),
  row: z.object({ fleet: zDigits, dlq: zDigits }),
  maxSeconds: 5,
});

/** A mark by topic. A mark that differs from the one before it says that the topic changed; a new one says so too. */
export type Marks = ReadonlyMap<string, string>;

/** The marks of everything that screens follow, in two small statements. */
export async function readMarks(): Promise<Marks> {
  const [runs, rest] = await Promise.all([runMarks({}), restMarks({})]);
  const states = runs.map((run) => `${run.runId}=${run.state}`).toSorted();
  const marks = new Map<string, string>([
    ["fleet", `${rest[0]?.fleet ?? ""} ${states.join(" ")}`],
    [
      "runs",
      runs
        .map((run) => `${run.runId}=${run.progress}${run.state}`)
        .toSorted()
        .join(" "),
    ],
    ["dlq", rest[0]?.dlq ?? ""],
  ]);
  for (const run of runs) {
    marks.set(`run:${run.runId}`, `${run.progress} ${run.state}`);
    const tenant = `tenant:${run.tenantId}`;
    marks.set(tenant, `${marks.get(tenant) ?? ""} ${run.runId}=${run.progress}${run.state}`);
  }
  return marks;
}

/** Topics whose mark is new, gone or other than before. Pure. */
export function changedTopics(before: Marks, after: Marks): string[] {
  const topics = new Set([...before.keys(), ...after.keys()]);
  return [...topics].filter((topic) => before.get(topic) !== after.get(topic)).toSorted();
}
