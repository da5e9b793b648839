/** An object as a store lists it. */
export interface StoredObject {
  /** The whole key, `{tenant}/canonical/{table}/…`. */
  readonly key: string;
  readonly bytes: number;
  /** ms UTC. */
  readonly lastModified: number;
}

/** Objects as ClickHouse reads them: a table function for the FROM clause, its values bound. */
export interface ObjectSource {
  readonly sql: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Where canonical objects lie. The local directory and S3 share it; nothing else knows which it is. */
export interface CanonicalStore {
  /** For people: the directory or s3:// address. */
  readonly location: string;
  /** Folder names under `{tenant}/canonical/`, sorted. Empty where the tenant has none. */
  tableFolders(tenantId: string): Promise<string[]>;
  /** Every object under a prefix, in key order (by code unit, as S3 does). */
  list(prefix: string): Promise<StoredObject[]>;
  /** Identity of the content: equal content, equal etag. Undefined where the object is gone. */
  etag(object: StoredObject): Promise<string | undefined>;
  /** False where an object is cut short in a way that ClickHouse does not notice. */
  isWhole(object: StoredObject): Promise<boolean>;
  /** Tenant folders in the store. */
  tenants(): Promise<string[]>;
  /** A table function over the objects of these keys, with the virtual columns `_path` and `_row_number`. */
  source(keys: readonly string[], format: string, structure: string): ObjectSource;
  /** What `_path` has before the key. */
  readonly pathPrefix: string;
}
