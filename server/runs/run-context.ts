import { type Catalog, catalog } from "@/lib/catalog";
import type { CanonicalStore } from "@/server/canonical/canonical-store";
import type { Db } from "@/server/clickhouse/client";

/** What carrying runs out needs. */
export interface RunContext {
  readonly db: Db;
  readonly store: CanonicalStore;
  /** Default: the product's catalogue. */
  readonly entities: Catalog;
  /** Memory one statement of the engine may take, in bytes. */
  readonly maxMemoryBytes: number;
  /** Retry intervals are multiplied by this; 1 in production. */
  readonly delayScale: number;
}

const STATEMENT_MEMORY_BYTES = 4 * 1024 ** 3;

/**
 * @param serverMemoryBytes what the ClickHouse server may take; one statement gets at most half of it
 */
export function runContext(
  db: Db,
  store: CanonicalStore,
  options: { serverMemoryBytes?: number; entities?: Catalog; delayScale?: number } = {},
): RunContext {
  return {
    db,
    store,
    entities: options.entities ?? catalog,
    maxMemoryBytes: Math.min(
      STATEMENT_MEMORY_BYTES,
      Math.floor((options.serverMemoryBytes ?? Number.POSITIVE_INFINITY) / 2),
    ),
    delayScale: options.delayScale ?? 1,
  };
}
