import { entityOf, tableNames } from "@/lib/catalog";
import { fleetOf } from "@/server/clickhouse/fleet-database";
import { TENANT_ID } from "@/server/canonical/object-key";
import { openCanonicalStore } from "@/server/canonical/open-store";
import type { Db } from "@/server/clickhouse/client";
import { env } from "@/server/env";
import { registerTenantOperation } from "@/server/pipeline/operations/register-tenant";
import { startRunOperation } from "@/server/pipeline/operations/start-run";
import { stopHeartbeat } from "@/server/runs/lease";
import { runContext } from "@/server/runs/run-context";
import { summarizeRun } from "@/server/runs/run-summary";
import { LoadMode } from "@/server/runs/run-store";
import { recoverRuns } from "@/server/runs/worker";
import { findTenant } from "@/server/tenants/find-tenant";
import { homeOf } from "@/server/tenants/placement";

import { carryOutForVerb } from "./carry-out-for-verb";
import { carryOutRun } from "./carry-out-run";
import { openForVerb } from "./open-for-verb";
import { printRun } from "./print-run";
import { type CliContext, UsageError, defineVerb, required } from "./verb";

export const verb = defineVerb({
  name: "load",
  summary: "Load a tenant's canonical objects into its history",
  description:
    "A bulk load rebuilds the history from the whole store; an increment takes what is new. The last line of standard\n" +
    "output is one JSON object with the run's row ledger. Exit code 0 only when the run is green.\n" +
    "A bulk load over a table that has history, and a full extract that would delete more than the tenant's threshold,\n" +
    "stop as plans, as every load with --plan does: nothing is published, the JSON object has the status waiting_approval\n" +
    "and what each table's plan would do, and the exit code is 3. avesa apply RUN publishes it, avesa reject RUN drops it.",
  flags: {
    tenant: { type: "string", value: "TENANT", help: "Tenant id" },
    table: {
      type: "string",
      multiple: true,
      value: "TABLE",
      help: `Table, may be given again (default: ${tableNames.join(", ")})`,
    },
    mode: { type: "string", value: "bulk|incremental", help: "How to load" },
    plan: { type: "boolean", help: "Stop before anything is published and print what it would do" },
    shard: {
      type: "string",
      value: "N",
      help: "Of several servers, the one a tenant that is not known yet is placed on (default: the one with fewest tenants)",
    },
    approve: {
      type: "boolean",
      help: "Publish even where a reload, or an extract that deletes much, would stop for approval",
    },
  },
  takesMore: true,
  async run(context) {
    const { flags } = context;
    const tenantId = required(flags.tenant, "tenant");
    if (!TENANT_ID.test(tenantId)) {
      throw new UsageError(
        `"${tenantId}" is not a tenant id: lower-case letters, digits and hyphens, at most 63.`,
        "load",
      );
    }
    const mode = LoadMode.safeParse(required(flags.mode, "mode"));
    if (!mode.success) throw new UsageError("--mode must be bulk or incremental.", "load");
    const shard = flags.shard === undefined ? undefined : Number(flags.shard);
    if (shard !== undefined && !(Number.isSafeInteger(shard) && shard >= 1)) {
      throw new UsageError("--shard must be a whole number from 1.", "load");
    }
    const isPlan = flags.plan === true;
    const isApproved = flags.approve === true;
    if (isPlan && isApproved) {
      throw new UsageError(
        "--plan stops the run, --approve lets nothing stop it: give one.",
        "load",
      );
    }
    const tables = [...(flags.table ?? []), ...context.positionals].flatMap((list) =>
      list.split(","),
    );
    for (const table of tables) {
      if (entityOf(table) === undefined) {
        throw new UsageError(
          `There is no table "${table}". There are ${tableNames.join(", ")}.`,
          "load",
        );
      }
    }

    const store = openCanonicalStore();
    await store.check();
    const front = await openForVerb(context, "avesa load");
    await knowTenant(context, front, tenantId, store.location, shard);
    const db = await homeOf(front, tenantId);
    const runs = runContext(db, store, { serverMemoryBytes: env().CLICKHOUSE_MAX_MEMORY_BYTES });
    try {
      const wanted = [...new Set(tables)];
      const begun = (await recoverRuns(runs, tenantId, context.signal)).find(
        (run) => run.mode === "bulk" && run.tables.join() === wanted.join(),
      );
      if (begun !== undefined && mode.data === "bulk" && !isPlan) {
        // Begun again, it would be a reload of what has just been loaded.
        context.say(`Went on with run ${begun.run_id}, which had been begun and not ended.`);
        return await printRun(context, runs, await summarizeRun(db, begun.run_id));
      }
      const { runId } = await carryOutForVerb(front, startRunOperation("cli", isApproved), {
        tenantId,
        mode: mode.data,
        ...(isPlan ? { plan: true } : {}),
        ...(wanted.length === 0 ? {} : { tables: wanted }),
      });
      return await printRun(context, runs, await carryOutRun(context, runs, runId));
    } finally {
      stopHeartbeat();
    }
  },
});

async function knowTenant(
  context: Pick<CliContext, "say">,
  db: Db,
  tenantId: string,
  location: string,
  shard: number | undefined,
): Promise<void> {
  if ((await findTenant(fleetOf(db), tenantId)) !== undefined) return;
  await carryOutForVerb(db, registerTenantOperation, {
    tenantId,
    ...(shard === undefined ? {} : { shard }),
  });
  context.say(
    `Tenant ${tenantId} was not known here and is registered with defaults; its objects are looked for in ${location}.`,
  );
}
