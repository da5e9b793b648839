import type { Db } from "@/server/clickhouse/client";
import { type Tenant, findTenant } from "@/server/tenants/find-tenant";

/** A tenant's settings hold for what begins so soon after they were read, in ms: a run's tables begin together. */
const RECENT_MS = 2_000;

/** Finds one tenant, and asks again only after a while. */
export class RecentTenant {
  #found: Promise<Tenant | undefined> | undefined;
  #at = 0;

  constructor(
    private readonly db: Db,
    private readonly tenantId: string,
  ) {}

  /** As registered now, or a moment ago; undefined where there is no such tenant. */
  async find(): Promise<Tenant | undefined> {
    if (this.#found !== undefined && performance.now() - this.#at < RECENT_MS) return this.#found;
    const found = findTenant(this.db, this.tenantId);
    this.#found = found;
    this.#at = performance.now();
    found.catch(() => {
      if (this.#found === found) this.#found = undefined;
    });
    return found;
  }
}
