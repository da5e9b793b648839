import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  S3Client,
} from "@aws-sdk/client-s3";

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
import { objectUrl } from "./object-url";
import { readAhead } from "./read-ahead";
import { S3Credentials } from "./s3-credentials";
import { isNoSuchKey, isPreconditionFailed, storeErrorOf } from "./s3-failure";
import type { S3Settings } from "./s3-settings";

/** Up to so many objects are looked up one by one; more are listed again. */
const LOOKED_UP = 32;
const LANES = 16;
/** ClickHouse waits for S3 rather than for a core where objects are many and small. */
const READING_THREADS = 8;
/** ClickHouse's own default is 500 tries, which is longer than a statement may take. */
const READ_ATTEMPTS = 8;

/** The canonical store in S3, or in what speaks its language. ClickHouse reads the objects itself; this lists and checks. */
export class S3Store implements CanonicalStore {
  readonly location: string;
  readonly changeWindowMs: number;
  readonly pathPrefix: string;
  readonly #settings: S3Settings;
  readonly #credentials: S3Credentials;
  readonly #client: S3Client;

  constructor(settings: S3Settings) {
    const { bucket, prefix } = settings.address;
    this.location = settings.location;
    this.changeWindowMs = settings.changeWindowMs;
    this.pathPrefix = `${bucket}/${prefix}`;
    this.#settings = settings;
    this.#credentials = new S3Credentials(settings);
    this.#client = new S3Client({
      region: settings.region,
      ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint }),
      forcePathStyle: settings.pathStyle,
      // Marked as ending soon, so that the client asks each time and the one memory of them is ours.
      credentials: async () => ({
        ...(await this.#credentials.get()),
        expiration: new Date(Date.now() + 60_000),
      }),
      maxAttempts: 6,
      requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000 },
      // Others than AWS do not all know the newer checksums.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
    });
  }

  async check(): Promise<void> {
    const { bucket: Bucket, prefix: Prefix } = this.#settings.address;
    await this.#ask(() =>
      this.#client.send(new ListObjectsV2Command({ Bucket, Prefix, MaxKeys: 1 })),
    );
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

  async etag(object: StoredObject): Promise<string | undefined> {
    return (await this.#head(object.key))?.etag;
  }

  async isWhole(object: StoredObject): Promise<boolean> {
    // ClickHouse leaves an object without a byte out, and for Parquet that is no empty table.
    if (object.key.endsWith(".parquet")) return object.bytes > 0;
    if (!object.key.endsWith(".zst")) return true;
    try {
      return await hasWholeFrames(
        readAhead((start, length) => this.#read(object, start, length), object.bytes),
        object.bytes,
      );
    } catch (error) {
      // One that is gone or another by now is missed where it is read.
      if (isNoSuchKey(error) || isPreconditionFailed(error)) return true;
      throw storeErrorOf(error, this.#settings);
    }
  }

  async replaced(objects: readonly StoredObject[]): Promise<ReadonlySet<string>> {
    const now = new Map<string, string>();
    if (objects.length <= LOOKED_UP) {
      await inLanes(LANES, objects, async ({ key }) => {
        const found = await this.#head(key);
        if (found !== undefined) now.set(key, found.etag);
      });
    } else {
      for (const { key, etag } of await this.#list(commonPrefix(objects))) now.set(key, etag ?? "");
    }
    return new Set(
      objects
        .filter(({ key, etag }) => now.has(key) && now.get(key) !== etag)
        .map((object) => object.key),
    );
  }

  async source(keys: readonly string[], format: string, structure: string): Promise<ObjectSource> {
    const { accessKeyId, secretAccessKey, sessionToken } = await this.#credentials.get();
    const { prefix } = this.#settings.address;
    // ClickHouse hides the third and, with six arguments, the fourth of them wherever it shows a statement.
    const token = sessionToken === undefined ? "" : ", {objects_session_token:String}";
    return {
      sql:
        `s3({objects_url:String}, {objects_key_id:String}, {objects_secret:String}${token}, ` +
        "{objects_format:String}, {objects_structure:String})",
      params: {
        objects_url: objectUrl(
          this.#settings,
          keys.map((key) => `${prefix}${key}`),
        ),
        objects_key_id: accessKeyId,
        objects_secret: secretAccessKey,
        ...(sessionToken === undefined ? {} : { objects_session_token: sessionToken }),
        objects_format: format,
        objects_structure: structure,
      },
      settings: {
        s3_retry_attempts: READ_ATTEMPTS,
        ...(keys.length < READING_THREADS ? {} : { max_threads: READING_THREADS }),
      },
    };
  }

  async explain(error: ClickHouseError, key?: string): Promise<ObjectFault | undefined> {
    return explainReadFailure(error, this.#settings, key, {
      readFirstByte: (name) => this.#ask(() => this.#firstByte(name)),
      check: () => this.check(),
      areKeysRenewed: () => this.#credentials.areRenewed(),
    });
  }

  /** Sends a request; where S3 refuses the keys and there are newer ones, once more with those. */
  async #ask<T>(request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      if (isNoSuchKey(error)) throw error;
      const failure = storeErrorOf(error, this.#settings);
      if (!["wrong-secret", "unknown-key", "expired"].includes(failure.trouble)) throw failure;
      if (!(await this.#credentials.areRenewed())) throw failure;
    }
    try {
      return await request();
    } catch (error) {
      if (isNoSuchKey(error)) throw error;
      throw storeErrorOf(error, this.#settings);
    }
  }

  /** Names of folders themselves, which some tools write as objects, are none. */
  async #list(prefix: string): Promise<StoredObject[]> {
    const root = this.#settings.address.prefix;
    const objects: StoredObject[] = [];
    for await (const { Contents = [], EncodingType } of this.#pages(prefix)) {
      for (const { Key, Size = 0, LastModified, ETag } of Contents) {
        if (Key === undefined || LastModified === undefined) continue;
        const key = decoded(Key, EncodingType).slice(root.length);
        if (NOT_AN_OBJECT.test(key.slice(key.lastIndexOf("/") + 1))) continue;
        objects.push({
          key,
          bytes: Size,
          lastModified: LastModified.getTime(),
          etag: bare(ETag),
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
    const { bucket: Bucket, prefix: root } = this.#settings.address;
    let token: string | undefined;
    do {
      const page = await this.#ask(() =>
        this.#client.send(
          new ListObjectsV2Command({
            Bucket,
            Prefix: `${root}${prefix}`,
            Delimiter: delimiter,
            ContinuationToken: token,
            // XML has no way to write some of the characters that a key may have.
            EncodingType: "url",
          }),
        ),
      );
      yield page;
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  async #head(key: string): Promise<{ etag: string } | undefined> {
    const { bucket: Bucket, prefix } = this.#settings.address;
    try {
      const head = await this.#ask(() =>
        this.#client.send(new HeadObjectCommand({ Bucket, Key: `${prefix}${key}` })),
      );
      return { etag: bare(head.ETag) };
    } catch (error) {
      if (isNoSuchKey(error)) return undefined;
      // A HEAD is answered without words, so that much is unclear; listing is answered with them.
      if (error instanceof StoreError && !error.transient) await this.check();
      throw error;
    }
  }

  /** A GET is answered with words where a HEAD is not. */
  async #firstByte(key: string): Promise<void> {
    const { bucket: Bucket, prefix } = this.#settings.address;
    try {
      const { Body } = await this.#client.send(
        new GetObjectCommand({ Bucket, Key: `${prefix}${key}`, Range: "bytes=0-0" }),
      );
      await Body?.transformToByteArray();
    } catch (error) {
      // An empty object has no first byte.
      if ((error as Error).name !== "InvalidRange") throw error;
    }
  }

  async #read(object: StoredObject, start: number, length: number): Promise<Buffer> {
    const { bucket: Bucket, prefix } = this.#settings.address;
    const { Body } = await this.#client.send(
      new GetObjectCommand({
        Bucket,
        Key: `${prefix}${object.key}`,
        Range: `bytes=${start}-${start + length - 1}`,
        ...(object.etag === undefined ? {} : { IfMatch: `"${object.etag}"` }),
      }),
    );
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  }
}

/** S3 gives etags in quotes. */
function bare(etag: string | undefined): string {
  return (etag ?? "").replaceAll('"', "");
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
