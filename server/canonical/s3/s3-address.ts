import { StoreError } from "../store-error";

/** Where in S3 a store lies. */
export interface S3Address {
  readonly bucket: string;
  /** Before every key: empty, or ending in a slash. */
  readonly prefix: string;
}

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** What ClickHouse takes for a wildcard, and what no key of the scheme can have. */
// oxlint-disable-next-line no-control-regex
const UNREADABLE = /[*?{}[\]\\,\u0000-\u001f\u007f]/;

/**
 * Reads `s3://bucket` or `s3://bucket/prefix`.
 *
 * @throws StoreError in words, where it is none
 */
export function parseS3Address(address: string): S3Address {
  const [, bucket = "", path = ""] = /^s3:\/\/([^/]*)(?:\/(.*))?$/s.exec(address) ?? [];
  if (!BUCKET.test(bucket)) {
    throw new StoreError(
      "bad-settings",
      `CANONICAL_STORE ${address} names no bucket: write s3://bucket or s3://bucket/prefix, the bucket with 3 to 63 ` +
        "lower-case letters, digits, dots and hyphens.",
    );
  }
  const folders = path.replace(/\/$/, "").split("/");
  if (path === "" || path === "/") return { bucket, prefix: "" };
  if (UNREADABLE.test(path) || folders.some((name) => ["", ".", ".."].includes(name))) {
    throw new StoreError(
      "bad-settings",
      `The prefix in CANONICAL_STORE ${address} cannot be read: it has an empty folder name, . or .., or one of the ` +
        "characters * ? { } [ ] \\ , or a control character.",
    );
  }
  return { bucket, prefix: `${folders.join("/")}/` };
}
