import type { ClickHouseError } from "@/server/clickhouse/error";

/** An object as a store lists it. */
export interface StoredObject {
  /** The whole key, `{tenant}/canonical/{table}/…`. */
  readonly key: string;
  readonly bytes: number;
  /** ms UTC. */
  readonly lastModified: number;
  /** Where listing tells it; otherwise {@link CanonicalStore.etag} is asked. */
  readonly etag?: string;
}

/** Objects as ClickHouse reads them: a table function for the FROM clause, its values bound. */
export interface ObjectSource {
  readonly sql: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** What the statement that reads them is to be run with. */
  readonly settings: Readonly<Record<string, string | number>>;
}

/** What is wrong with one object of a store that is well. */
export type ObjectFault = "vanished" | "replaced" | "denied";

/** Where canonical objects lie. The local directory and S3 share it; nothing else knows which it is. */
export interface CanonicalStore {
  /** For people: the directory or s3:// address. */
  readonly location: string;
  /**
   * How far behind the newest object of the ledger objects are still looked at one by one, in ms. What is older is
   * held against the ledger as a whole, and one by one only where that differs.
   */
  readonly changeWindowMs: number;
  /**
   * Tries the store as a run would, without reading an object.
   *
   * @throws StoreError where it cannot be used, saying what to do
   */
  check(): Promise<void>;
  /** Folder names under `{tenant}/canonical/`, sorted. Empty where the tenant has none. */
  tableFolders(tenantId: string): Promise<string[]>;
  /** Every object under a prefix, in key order (by code unit). */
  list(prefix: string): Promise<StoredObject[]>;
  /** Identity of the content: equal content, equal etag. Undefined where the object is gone. */
  etag(object: StoredObject): Promise<string | undefined>;
  /** False where an object is cut short in a way that ClickHouse does not notice. */
  isWhole(object: StoredObject): Promise<boolean>;
  /** Keys of those objects under which something else lies by now than was listed. One that is gone is not among them. */
  replaced(objects: readonly StoredObject[]): Promise<ReadonlySet<string>>;
  /** Tenant folders in the store. */
  tenants(): Promise<string[]>;
  /** A table function over the objects of these keys, with the virtual columns `_path` and `_row_number`. */
  source(keys: readonly string[], format: string, structure: string): Promise<ObjectSource>;
  /**
   * Why ClickHouse could not read an object, where that is neither its content nor ClickHouse.
   *
   * @param key absent where the statement read several
   * @throws StoreError where it is the store
   */
  explain(error: ClickHouseError, key?: string): Promise<ObjectFault | undefined>;
  /** What `_path` has before the key. */
  readonly pathPrefix: string;
}

/** The change window that nobody chose. */
export const DEFAULT_CHANGE_WINDOW_MS = 2 * 3_600_000;

/** Objects that a writer has not finished yet, or that are none at all, by the last part of their key. */
export const NOT_AN_OBJECT = /^$|^\.|\.tmp$|\.part$/;
