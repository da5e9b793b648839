import { findLeases, findRuns, findStaging } from "./database";
import type { Place } from "./deliveries";
import type { Installation } from "./installation";
import type { Program } from "./program";

/** States of a run that has come to its end. */
const ENDED = new Set(["succeeded", "partial", "failed"]);
const LINES_SHOWN = 4;

/**
 * What is not over yet, in words: loads, runs, leases other than the scheduler's own, staging tables. Only then can
 * nothing change any more but by what lands.
 */
export async function allOver(installation: Installation): Promise<string[]> {
  const { dataDir } = installation;
  if (!(await installation.isUp())) return ["The console is not up."];
  const [runs, leases, staging] = [
    await findRuns(dataDir),
    await findLeases(dataDir),
    await findStaging(dataDir),
  ];
  if (runs === undefined || leases === undefined || staging === undefined)
    return ["ClickHouse does not answer."];
  return [
    ...installation.loads
      .filter((load) => load.isAlive)
      .map((load) => `${load.args.join(" ")} is at work.`),
    ...runs
      .filter(({ status }) => !ENDED.has(status))
      .map((run) => `Run ${run.run_id} of ${run.tenant_id} is ${run.status}. ${run.error}`),
    ...leases
      .filter(({ lease, pid }) => lease !== "scheduler" || pid !== installation.console?.pid)
      .map(({ table, lease, pid }) => `${table} is left of process ${pid}, for ${lease}.`),
    ...staging.map((name) => `${name} is left.`),
  ];
}

/** Where `avesa export` is not the oracle's history, in words. */
export async function differences(
  installation: Installation,
  places: readonly Place[],
): Promise<string[]> {
  const found = await together(places, async ({ tenantId, table, expected }) => {
    const program = installation.run("export", "--tenant", tenantId, "--table", table);
    await program.ended();
    if (program.exitCode !== 0) return [`export of ${tenantId}/${table}: ${program.said}`];
    const is = program.printed.split("\n").filter((line) => line !== "");
    const want = expected.map((row) => JSON.stringify(row));
    const lines: string[] = [];
    for (let at = 0; at < Math.max(is.length, want.length); at += 1) {
      const line = is[at];
      const one = line === undefined ? undefined : JSON.stringify(JSON.parse(line));
      if (one === want[at]) continue;
      lines.push(
        `${tenantId}/${table}, version ${at} of ${want.length}: expected ${want[at]}, found ${one}`,
      );
      if (lines.length === LINES_SHOWN) break;
    }
    return lines;
  });
  return found.flat();
}

/** What `avesa verify` holds against the tenants: invariants, and row ledgers of runs. */
export async function verify(
  installation: Installation,
  tenantIds: readonly string[],
): Promise<string[]> {
  const found = await together(tenantIds, async (tenantId) => {
    const program: Program = installation.run("verify", "--tenant", tenantId);
    await program.ended();
    return program.exitCode === 0 ? [] : [`verify ${tenantId}: ${program.printed}${program.said}`];
  });
  return found.flat();
}

/** Two at once: each is a process of its own, and the machine may be small. */
async function together<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = [...items];
  const lane = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift())
      results.push(await work(item));
  };
  await Promise.all([lane(), lane()]);
  return results;
}
