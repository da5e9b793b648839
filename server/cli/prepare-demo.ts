import { readdir } from "node:fs/promises";

import { isRemote } from "@/server/canonical/is-remote";
import type { Db } from "@/server/clickhouse/client";
import { demoProfiles } from "@/server/demo/demo-tenants";
import { seedDemoStore } from "@/server/demo/seed-demo-store";
import { env } from "@/server/env";
import { listTenants } from "@/server/tenants/list-tenants";
import { registerTenant } from "@/server/tenants/register-tenant";

async function foldersOf(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).filter((name) => !name.startsWith("."));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/**
 * Fills an empty installation with the demo tenants: their objects land in the store, and they are registered, for a
 * person to load. One that has a tenant of any kind, or whose store holds others' objects, is left alone.
 */
export async function prepareDemo(db: Db, say: (line: string) => void): Promise<void> {
  const { AVESA_DEMO, CANONICAL_STORE } = env();
  // A bucket is somebody's: nothing is made up in it.
  if (AVESA_DEMO === "off" || isRemote(CANONICAL_STORE)) return;
  if ((await listTenants(db)).length > 0) return;
  const demo = new Set(demoProfiles.map((profile) => profile.tenantId));
  if ((await foldersOf(CANONICAL_STORE)).some((name) => !demo.has(name))) return;
  say("Landing the objects of three demo tenants…");
  for (const tenant of await seedDemoStore(CANONICAL_STORE)) {
    await registerTenant(db, {
      tenantId: tenant.tenantId,
      name: tenant.name,
      sourceSystem: tenant.source,
      timeZone: tenant.timeZone,
      createdBy: "demo",
    });
  }
}
