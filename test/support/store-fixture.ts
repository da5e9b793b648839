import { mkdir, mkdtemp, readFile, rm, unlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import type { CanonicalStore } from "@/server/canonical/canonical-store";
import { LocalStore } from "@/server/canonical/local-store";
import { S3Store } from "@/server/canonical/s3/s3-store";
import type { S3Settings } from "@/server/canonical/s3/s3-settings";

import { S3Server } from "./s3/s3-server";

/** The kinds of store there are; tests of what a store does run on each. */
export const STORE_KINDS = ["directory", "s3"] as const;
export type StoreKind = (typeof STORE_KINDS)[number];

/** A canonical store of a test's own, and a hand on what lies in it. */
export interface StoreFixture {
  readonly store: CanonicalStore;
  /** The directory; empty for S3. */
  readonly directory: string;
  /** Absent for a directory. */
  readonly s3?: S3Server;
  put(key: string, content: Buffer, modified?: Date): Promise<void>;
  read(key: string): Promise<Buffer>;
  remove(key: string): Promise<void>;
  /** A table function that ClickHouse writes an object with. */
  target(key: string, format: string): { sql: string; params: Record<string, unknown> };
  close(): Promise<void>;
}

export async function openStore(kind: StoreKind): Promise<StoreFixture> {
  return kind === "directory" ? openDirectory() : openS3();
}

async function openDirectory(): Promise<StoreFixture> {
  const directory = await mkdtemp(path.join(tmpdir(), "avesa-store-"));
  const fileOf = (key: string): string => path.join(directory, key);
  return {
    store: new LocalStore(directory),
    directory,
    async put(key, content, modified) {
      const file = fileOf(key);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content);
      if (modified !== undefined) await utimes(file, modified, modified);
    },
    read: (key) => readFile(fileOf(key)),
    remove: (key) => unlink(fileOf(key)),
    target: (key, format) => ({
      sql: "file({path:String}, {format:String})",
      params: { path: fileOf(key), format },
    }),
    close: () => rm(directory, { recursive: true, force: true }),
  };
}

export const S3_ACCOUNT = {
  accessKeyId: "ASIAFIXTURE",
  secretAccessKey: "fixture/secret+of=the/store",
  sessionToken: "fixture//token+of=the/store==",
};

/** A bucket with a prefix, reached with temporary keys: what has most to go wrong. */
export function s3SettingsOf(s3: S3Server, more: Partial<S3Settings> = {}): S3Settings {
  return {
    location: "s3://canonical-objects/of the/team",
    address: { bucket: "canonical-objects", prefix: "of the/team/" },
    region: s3.region,
    endpoint: s3.url,
    pathStyle: true,
    credentials: { kind: "key", ...S3_ACCOUNT },
    changeWindowMs: 2 * 3_600_000,
    ...more,
  };
}

async function openS3(): Promise<StoreFixture> {
  const s3 = await S3Server.start();
  s3.accounts.push(S3_ACCOUNT);
  const settings = s3SettingsOf(s3);
  const { bucket: name, prefix } = settings.address;
  const bucket = s3.bucket(name);
  return {
    store: new S3Store(settings),
    directory: "",
    s3,
    async put(key, content, modified) {
      bucket.put(`${prefix}${key}`, content, modified?.getTime());
    },
    async read(key) {
      const kept = bucket.objects.get(`${prefix}${key}`);
      if (kept === undefined) throw new Error(`there is no ${key}`);
      return kept.body;
    },
    async remove(key) {
      bucket.objects.delete(`${prefix}${key}`);
    },
    target: (key, format) => ({
      sql: "s3({url:String}, {key:String}, {secret:String}, {token:String}, {format:String})",
      params: {
        url: `${s3.url}/${name}/${`${prefix}${key}`.split("/").map(encodeURIComponent).join("/")}`,
        key: S3_ACCOUNT.accessKeyId,
        secret: S3_ACCOUNT.secretAccessKey,
        token: S3_ACCOUNT.sessionToken,
        format,
      },
    }),
    close: () => s3.close(),
  };
}
