import { readServerState, serverDir } from "@/server/clickhouse/embedded/state";

/**
 * Asks the embedded server of a data directory, without taking a hold on it.
 *
 * @returns the rows; undefined where no server answers
 * @throws Error where it refuses the statement
 */
export async function ask<Row>(dataDir: string, sql: string): Promise<Row[] | undefined> {
  const state = await readServerState(serverDir(dataDir));
  if (state === undefined) return undefined;
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${state.url}/?database=avesa&default_format=JSONEachRow`, {
      method: "POST",
      body: sql,
      headers: {
        "x-clickhouse-user": state.username,
        "x-clickhouse-key": state.password,
      },
      signal: AbortSignal.timeout(10_000),
    });
    text = await response.text();
  } catch {
    // It is dead or about to be: that is what this test is about.
    return undefined;
  }
  if (!response.ok) {
    // 60, 81: the database or its tables have not been made yet.
    if (/Code: (?:60|81)\b/.test(text)) return [];
    // 236, 394: everybody who held the server has been killed, and so it stops.
    if (/Code: (?:236|394)\b/.test(text)) return undefined;
    throw new Error(`ClickHouse refused "${sql}": ${text}`);
  }
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Row);
}

/** A lease as its table's comment tells it. */
export interface FoundLease {
  readonly table: string;
  readonly lease: string;
  /** Process that holds it. */
  readonly pid: number;
}

/** All leases that are there, stale ones too; undefined where no server answers. */
export async function findLeases(dataDir: string): Promise<FoundLease[] | undefined> {
  const rows = await ask<{ name: string; comment: string }>(
    dataDir,
    "SELECT name, comment FROM system.tables WHERE database = 'avesa' AND startsWith(name, 'lease_')",
  );
  return rows?.map(({ name, comment }) => {
    const { lease, worker } = JSON.parse(comment) as { lease: string; worker: string };
    return { table: name, lease, pid: Number(worker.split(":")[1]) };
  });
}

/** Names of the staging tables that are there; undefined where no server answers. */
export async function findStaging(dataDir: string): Promise<string[] | undefined> {
  const rows = await ask<{ name: string }>(
    dataDir,
    "SELECT name FROM system.tables WHERE database = 'avesa' AND startsWith(name, 'staging_')",
  );
  return rows?.map(({ name }) => name);
}

/** A run as far as this test looks at it. */
export interface FoundRun {
  readonly run_id: string;
  readonly tenant_id: string;
  readonly mode: string;
  readonly status: string;
  readonly trigger: string;
  readonly error: string;
}

/** All runs, oldest first; undefined where no server answers. */
export async function findRuns(dataDir: string): Promise<FoundRun[] | undefined> {
  return ask<FoundRun>(
    dataDir,
    "SELECT run_id, tenant_id, mode, status, trigger, error FROM runs FINAL ORDER BY run_id",
  );
}
