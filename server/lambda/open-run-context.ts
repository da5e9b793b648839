import { openCanonicalStore } from "@/server/canonical/open-store";
import { getDb } from "@/server/clickhouse/client";
import { env } from "@/server/env";
import { type RunContext, runContext } from "@/server/runs/run-context";
import { SharedPlaces } from "@/server/runs/shared-places";

let opened: Promise<RunContext> | undefined;

/**
 * What the tasks of this Lambda work with, opened at its first call and kept for those that follow: ClickHouse as the secret
 * of CLICKHOUSE_SECRET_ARN names it, the canonical store of CANONICAL_STORE. All functions together work on so many tables at
 * once.
 */
export async function openRunContext(): Promise<RunContext> {
  opened ??= getDb("lambda").then((db) =>
    runContext(db, openCanonicalStore(), {
      places: new SharedPlaces(db, env().AVESA_TABLES_AT_ONCE),
    }),
  );
  try {
    return await opened;
  } catch (error) {
    // A failed start is not kept: the next attempt tries again.
    opened = undefined;
    throw error;
  }
}

/** Lets the next call open everything anew, from the settings as they are then. */
export function forgetRunContext(): void {
  opened = undefined;
}
