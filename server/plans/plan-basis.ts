import { z } from "zod";

import { plural } from "@/lib/format";
import { zCount } from "@/server/clickhouse/columns";
import { discover } from "@/server/scd2/discover";
import { allOf } from "@/server/scd2/plan-load";
import type { BatchObject } from "@/server/scd2/stage";
import type { TableWork } from "@/server/scd2/table-work";

import type { Plan, PlanBasis } from "./plan-store";

/** What a plan is made from now: the objects that it reads or leaves for later, and the table's newest publish. */
export async function basisNow(
  work: TableWork,
  objects: readonly BatchObject[],
): Promise<PlanBasis> {
  return {
    objects: objects.map(({ key, etag, bytes, lastModified }) => ({
      key,
      etag,
      bytes,
      lastModified,
    })),
    published: await lastPublish(work),
  };
}

/**
 * What has changed since a plan was made, as sentences; empty where it can be applied.
 *
 * @param isResumed the plan's own publish had begun: of the store it was found good then, and of the table only what
 *   others did counts
 */
export async function changesSince(
  work: TableWork,
  plan: Plan,
  { isResumed = false }: { isResumed?: boolean } = {},
): Promise<string[]> {
  const changes: string[] = [];
  const now = await lastPublish(work);
  const then = plan.basis.published;
  const isOwn = (runId: string | undefined): boolean => isResumed && runId === plan.run_id;
  if (now?.runId !== then?.runId && !isOwn(now?.runId)) {
    changes.push(`Run ${now?.runId ?? "?"} has published into ${plan.table_name} since.`);
  } else if (now?.at !== then?.at && !isOwn(now?.runId)) {
    changes.push(`${plan.table_name} was published anew since, by run ${now?.runId ?? "?"}.`);
  } else if (now?.unsettledBy !== then?.unsettledBy && !isOwn(now?.unsettledBy)) {
    changes.push(`Run ${now?.unsettledBy ?? "?"} broke off while it published.`);
  }
  if (isResumed) return changes;

  const found = new Map(
    allOf(await discover(work, plan.prepared.mode)).objects.map((object) => [object.key, object]),
  );
  const planned = new Map(plan.basis.objects.map((object) => [object.key, object]));
  const added = [...found.keys()].filter((key) => !planned.has(key));
  const gone = [...planned.keys()].filter((key) => !found.has(key));
  const altered = [...planned.values()].filter((object) => {
    const is = found.get(object.key);
    return is !== undefined && (is.etag !== object.etag || is.bytes !== object.bytes);
  });
  const say = (keys: readonly string[], what: string): void => {
    if (keys.length > 0)
      changes.push(`${plural(keys.length, "object")} ${what}: ${someOf(keys.toSorted())}.`);
  };
  say(added, "more in the store");
  say(gone, "no longer to be loaded");
  say(
    altered.map((object) => object.key),
    "with another content",
  );
  return changes;
}

const NAMED = 3;

function someOf(keys: readonly string[]): string {
  const rest = keys.length - NAMED;
  return keys.slice(0, NAMED).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

async function lastPublish(work: TableWork): Promise<PlanBasis["published"]> {
  const row = await work.db.maybeRow(
    {
      name: "plans.last-publish",
      params: { tenant_id: work.tenantId, table_name: work.entity.name },
      sql: `SELECT run_id AS runId, toUnixTimestamp64Milli(published_at) AS at, unsettled_by AS unsettledBy
FROM table_states FINAL WHERE tenant_id = {tenant_id:String} AND table_name = {table_name:String}`,
    },
    z.object({ runId: z.string(), at: zCount, unsettledBy: z.string() }),
  );
  return row ?? null;
}
