import { type TableWork, stagingTables } from "./table-work";

/** Drops what a run's table staged. */
export async function dropStaging(
  work: Pick<TableWork, "db" | "runId" | "token" | "entity">,
): Promise<void> {
  await work.db.command({
    name: "scd2.staging.drop",
    sql: `DROP TABLE IF EXISTS ${Object.values(stagingTables(work)).join(", ")} SYNC`,
  });
}
