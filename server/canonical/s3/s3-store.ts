import type { ListObjectsV2CommandOutput } from "@aws-sdk/client-s3";

import type { ClickHouseError } from "@/server/clickhouse/error";
import { inLanes } from "@/server/in-lanes";

import {
  type CanonicalStore,
  NOT_AN_OBJECT,
  type ObjectFault,
  type ObjectSource,
  type StoredObject,
} from "../canonical-store";
import { StoreError } from "../store-error";
import { hasWholeFrames } from "../zstd-frames";
import { explainReadFailure } from "./explain-read-failure";
import { readAhead } from "./read-ahead";
import { S3Credentials } from "./s3-credentials";
import { isNoSuchKey, isPreconditionFailed, storeErrorOf } from "./s3-failure";
import type { S3Api } from "./s3-api";
import type { S3Settings } from "./s3-settings";
import { s3Source } from "./s3-source";

/** Up to so many objects are looked up one by one; more are listed again. */
const LOOKED_UP = 32;
const LANES = 16;
const REFUSED_KEYS = new Set(["wrong-secret", "unknown-key", "expired"]);

/** The canonical store in S3, or in what speaks its language. ClickHouse reads the objects itself; this lists and checks. */
export class S3Store implements CanonicalStore {
  readonly location: string;
  readonly changeWindowMs: number;
  readonly pathPrefix: string;
  readonly #settings: S3Settings;
  readonly #credentials: S3Credentials;
  #api: Promise<S3Api> | undefined;

  constructor(settings: S3Settings) {
    const { bucket, prefix } = settings.address;
    this.location = settings.location;
    this.changeWindowMs = settings.changeWindowMs;
    this.pathPrefix = `${bucket}/${prefix}`;
    this.#settings = settings;
    this.#credentials = new S3Credentials(settings);
  }

  async check(): Promise<void> {
    await this.#ask((api) => api.page("", { limit: 1 }));
  }

  async tenants(): Promise<string[]> {
    return this.#folders("");
  }

  async tableFolders(tenantId: string): Promise<string[]> {
    return this.#folders(`${tenantId}/canonical/`);
  }

  async list(prefix: string): Promise<StoredObject[]> {
    const objects = await this.#list(prefix);
    return objects.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async etag({ key }: StoredObject): Promise<string | undefined> {
    try {
      return await this.#ask((api) => api.etag(key));
    } catch (error) {
      // A HEAD is answered without words, so a bucket that is missing looks like an object that is; listing tells them apart.
      if (isNoSuchKey(error)) {
        await this.check();
        return undefined;
      }
      if (error instanceof StoreError && !error.transient) await this.check();
      throw error;
    }
  }

  async isWhole(object: StoredObject): Promise<boolean> {
    // ClickHouse leaves an object without a byte out, and for Parquet that is no empty table.
    if (object.key.endsWith(".parquet")) return object.bytes > 0;
    if (!object.key.endsWith(".zst")) return true;
    const { key, etag, bytes } = object;
    try {
      return await hasWholeFrames(
        readAhead((start, length) => this.#ask((api) => api.read(key, start, length, etag)), bytes),
        bytes,
      );
    } catch (error) {
      // One that is gone or another by now is missed where it is read.
      if (isNoSuchKey(error) || isPreconditionFailed(error)) return true;
      throw error;
    }
  }

  async replaced(objects: readonly StoredObject[]): Promise<ReadonlySet<string>> {
    const now = new Map<string, string | undefined>();
    if (objects.length <= LOOKED_UP) {
      await inLanes(LANES, objects, async (object) => {
        now.set(object.key, await this.etag(object));
      });
    } else {
      for (const { key, etag } of await this.#list(commonPrefix(objects))) now.set(key, etag);
    }
    return new Set(
      objects
        .filter(({ key, etag }) => now.get(key) !== undefined && now.get(key) !== etag)
        .map((object) => object.key),
    );
  }

  async source(keys: readonly string[], format: string, structure: string): Promise<ObjectSource> {
    return s3Source(this.#settings, await this.#credentials.get(), keys, format, structure);
  }

  async explain(error: ClickHouseError, key?: string): Promise<ObjectFault | undefined> {
    return explainReadFailure(error, this.#settings, key, {
      // A GET is answered with words where a HEAD is not.
      readFirstByte: (name) => this.#ask((api) => api.read(name, 0, 1)),
      check: () => this.check(),
      areKeysRenewed: () => this.#credentials.areRenewed(),
    });
  }

  /**
   * Sends a request; where S3 refuses the keys and there are newer ones, once more with those.
   *
   * @throws StoreError, or what `isNoSuchKey` and `isPreconditionFailed` know
   */
  async #ask<T>(request: (api: S3Api) => Promise<T>): Promise<T> {
    this.#api ??= this.#open();
    const api = await this.#api;
    const attempt = async (): Promise<T> => {
      try {
        return await request(api);
      } catch (error) {
        if (isNoSuchKey(error) || isPreconditionFailed(error)) throw error;
        throw storeErrorOf(error, this.#settings);
      }
    };
    try {
      return await attempt();
    } catch (error) {
      const isRefused = error instanceof StoreError && REFUSED_KEYS.has(error.trouble);
      if (!isRefused || !(await this.#credentials.areRenewed())) throw error;
      return attempt();
    }
  }

  /** The SDK takes its time to load, and most processes never need it. */
  async #open(): Promise<S3Api> {
    const { S3Api: Api } = await import("./s3-api");
    return new Api(this.#settings, this.#credentials);
  }

  /** Names of folders themselves, which some tools write as objects, are none. */
  async #list(prefix: string): Promise<StoredObject[]> {
    const root = this.#settings.address.prefix;
    const objects: StoredObject[] = [];
    for await (const { Contents = [], EncodingType } of this.#pages(prefix)) {
      for (const { Key, Size = 0, LastModified, ETag = "" } of Contents) {
        if (Key === undefined || LastModified === undefined) continue;
        const key = decoded(Key, EncodingType).slice(root.length);
        if (NOT_AN_OBJECT.test(key.slice(key.lastIndexOf("/") + 1))) continue;
        objects.push({
          key,
          bytes: Size,
          lastModified: LastModified.getTime(),
          etag: ETag.replaceAll('"', ""),
        });
      }
    }
    return objects;
  }

  async #folders(prefix: string): Promise<string[]> {
    const start = this.#settings.address.prefix.length + prefix.length;
    const folders: string[] = [];
    for await (const { CommonPrefixes = [], EncodingType } of this.#pages(prefix, "/")) {
      for (const { Prefix = "" } of CommonPrefixes) {
        const name = decoded(Prefix, EncodingType).slice(start, -1);
        if (!NOT_AN_OBJECT.test(name)) folders.push(name);
      }
    }
    return folders.sort();
  }

  async *#pages(prefix: string, delimiter?: string): AsyncIterable<ListObjectsV2CommandOutput> {
    let token: string | undefined;
    do {
      const after = token;
      const page = await this.#ask((api) => api.page(prefix, { delimiter, token: after }));
      yield page;
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }
}

function decoded(name: string, encoding: string | undefined): string {
  return encoding === "url" ? decodeURIComponent(name.replaceAll("+", " ")) : name;
}

/** What all keys have in common. */
function commonPrefix(objects: readonly StoredObject[]): string {
  let prefix = objects[0]?.key ?? "";
  for (const { key } of objects) {
    let same = 0;
    while (same < prefix.length && prefix[same] === key[same]) same++;
    prefix = prefix.slice(0, same);
  }
  return prefix;
}
