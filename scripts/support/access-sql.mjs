import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";

import { root } from "./project.mjs";

const folder = path.join(root, "sql", "access");
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const REGION = /^[a-z]{2}(-[a-z0-9]+)+$/;
const STORE_URL = /^https?:\/\/[a-z0-9.:-]+(\/[a-z0-9.-]+)?$/;
const HASH = /^[0-9a-f]{64}$/;

/** The accounts of sql/access; each has a `{{NAME_sha256}}` in it. */
export const ACCOUNTS = ["avesa_etl_user", "avesa_reader_user", "avesa_app_user"];

/**
 * The address under which ClickHouse reads a bucket, as server/canonical/s3/object-url.ts has it.
 *
 * @param {string} bucket @param {string} region @returns {string}
 * @throws {Error} where one of them cannot be
 */
export function bucketUrl(bucket, region) {
  if (!BUCKET.test(bucket)) throw new Error(`"${bucket}" is no bucket name.`);
  if (!REGION.test(region)) throw new Error(`"${region}" is no region.`);
  const host = `s3.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
  return bucket.includes(".") ? `https://${host}/${bucket}` : `https://${bucket}.${host}`;
}

/**
 * The statements of sql/access, in the order of the files, with their placeholders filled in. Passwords go in as hashes only.
 *
 * @param {{ database: string, storeUrl: string, hashes: Readonly<Record<string, string>> }} values
 *   storeUrl: where ClickHouse reads the canonical objects, without a slash at the end; hashes: by account, the SHA-256 of its password in hex
 * @returns {string} SQL for `clickhouse client --multiquery`
 * @throws {Error} where a value does not look like what it must be: nothing else may get into the text
 */
export function accessSql({ database, storeUrl, hashes }) {
  if (!IDENTIFIER.test(database)) {
    throw new Error(`"${database}" is no database name: letters, digits and underscores.`);
  }
  if (!STORE_URL.test(storeUrl)) throw new Error(`"${storeUrl}" is no address of a bucket.`);
  // It stands in a pattern, where a dot would be any character.
  const values = { database, store_url_pattern: storeUrl.replaceAll(".", "[.]") };
  for (const account of ACCOUNTS) {
    const hash = hashes[account] ?? "";
    if (!HASH.test(hash)) throw new Error(`There is no SHA-256 of a password for ${account}.`);
    values[`${account}_sha256`] = hash;
  }
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .sort();
  return files
    .map((name) =>
      readFileSync(path.join(folder, name), "utf8").replaceAll(/\{\{(\w+)\}\}/g, (_, key) => {
        const value = values[key];
        if (value === undefined) throw new Error(`${name} uses {{${key}}}, which has no meaning.`);
        return value;
      }),
    )
    .join("\n");
}
