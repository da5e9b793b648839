import { type Catalog, catalog } from "@/lib/catalog";
import type { CanonicalStore } from "@/server/canonical/canonical-store";
import type { Db } from "@/server/clickhouse/client";
import type { Sizing } from "@/server/scd2/batches";

import { type PlaceSource, Places } from "./places";

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
  /** Who may work on a table now; one for the process. */
  readonly places: PlaceSource;
  /** How long batches at work may go on when the process is to end, in ms. */
  readonly drainMs: number;
  /** See `TableWork.manyVersions`. Default: MANY_VERSIONS. */
  readonly manyVersions?: number;
  /** How much is taken in one batch of an increment. Default: the product's rule. */
  readonly sizing?: Sizing;
  /** What a first bulk load takes at once. Default: BULK_PIECE. */
  readonly bulkPiece?: Sizing;
}

/** The design document's bound for table updates at once over all tenants. */
export const TABLES_AT_ONCE = 10;
const DRAIN_MS = 20_000;

const STATEMENT_MEMORY_BYTES = 4 * 1024 ** 3;

/**
 * @param serverMemoryBytes what the ClickHouse server may take; one statement gets at most half of it
 */
export function runContext(
  db: Db,
  store: CanonicalStore,
  options: {
    serverMemoryBytes?: number;
    entities?: Catalog;
    delayScale?: number;
    places?: PlaceSource;
    drainMs?: number;
    manyVersions?: number;
    sizing?: Sizing;
    bulkPiece?: Sizing;
  } = {},
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
    places: options.places ?? new Places(TABLES_AT_ONCE),
    drainMs: options.drainMs ?? DRAIN_MS,
    ...(options.manyVersions === undefined ? {} : { manyVersions: options.manyVersions }),
    ...(options.sizing === undefined ? {} : { sizing: options.sizing }),
    ...(options.bulkPiece === undefined ? {} : { bulkPiece: options.bulkPiece }),
  };
}
