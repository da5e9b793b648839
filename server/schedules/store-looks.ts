import { createHash } from "node:crypto";

import type { StoredObject } from "@/server/canonical/canonical-store";
import { tablePrefix } from "@/server/canonical/object-key";

import { type Backlog, type BacklogContext, lookForBacklog } from "./backlog";

const NOTHING: Backlog = { waiting: [], oddities: "", isUnsettled: false };

/**
 * Looks into tenants' parts of the store. A look that lists the same as the last one that found nothing, with no run in
 * between, is over without reading the ledger: that is what nearly every look of a quiet tenant comes to.
 */
export class StoreLooks {
  readonly #quiet = new Map<string, string>();

  constructor(private readonly context: BacklogContext) {}

  /** @param newestRun the tenant's newest run, '' for none */
  async look(tenantId: string, newestRun: string): Promise<Backlog> {
    const { store, entities } = this.context;
    const listed = new Map<string, StoredObject[]>();
    for (const tableName of Object.keys(entities)) {
      listed.set(tableName, await store.list(tablePrefix(tenantId, tableName)));
    }
    const folders = await store.tableFolders(tenantId);
    const strangers = folders.filter((folder) => !Object.hasOwn(entities, folder));
    const sight = createHash("sha256").update(newestRun).update(strangers.join("\n"));
    for (const objects of listed.values()) {
      for (const { key, bytes, lastModified } of objects) {
        sight.update(`\n${key}\0${bytes}\0${lastModified}`);
      }
    }
    const seen = sight.digest("hex");
    if (this.#quiet.get(tenantId) === seen) return NOTHING;
    const backlog = await lookForBacklog(this.context, tenantId, listed, strangers);
    const isQuiet = backlog.waiting.length === 0 && backlog.oddities === "" && !backlog.isUnsettled;
    if (isQuiet) this.#quiet.set(tenantId, seen);
    else this.#quiet.delete(tenantId);
    return backlog;
  }
}
