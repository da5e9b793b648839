import { entityOf } from "@/lib/catalog";
import { type DeadObject, writeDeadObjects } from "@/server/scd2/dead-objects";

import type { Journal } from "./journal";
import type { RunContext } from "./run-context";
import { type Run, writeEvent } from "./run-store";

/** Folders of the tenant's store that belong to no table: said once, kept as a dead letter, nothing of them read. */
export async function reportUnknownTables(
  context: RunContext,
  journal: Journal,
  run: Run,
): Promise<void> {
  const folders = await context.store.tableFolders(run.tenant_id);
  for (const folder of folders) {
    if (entityOf(folder, context.entities) !== undefined) continue;
    const dead: DeadObject = {
      key: `${run.tenant_id}/canonical/${folder}/`,
      etag: "",
      cause: "unknown-table",
      message:
        `No table of the name ${folder} is known, so nothing under it is read. There are ` +
        `${Object.keys(context.entities).join(", ")}. Land the objects under one of them, or add the table to the catalogue.`,
    };
    await writeDeadObjects(
      context.db,
      { tenantId: run.tenant_id, tableName: folder, runId: run.run_id },
      [dead],
    );
    writeEvent(journal, {
      run_id: run.run_id,
      tenant_id: run.tenant_id,
      table_name: "",
      level: "warn",
      event: "unknown_table",
      message: dead.message,
      detail: { key: dead.key },
    });
  }
}
