import "server-only";
import type { Db } from "@/server/clickhouse/client";
import { Tenant } from "./find-tenant";

/** Every registered tenant, by id. A deployment holds some hundreds of them. */
export async function listTenants(db: Db): Promise<Tenant[]> {
  return db.rows(
    { name: "tenants.list", sql: "SELECT * FROM tenants FINAL ORDER BY tenant_id" },
    Tenant,
  );
}
