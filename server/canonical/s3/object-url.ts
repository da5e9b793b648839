import type { S3Settings } from "./s3-settings";

/**
 * The addresses of objects as ClickHouse's s3() takes them: one URL, several keys as a list in braces, which it expands
 * without listing the bucket. Every character of a key that means something in a URL is encoded.
 *
 * @param keys whole keys, the store's prefix included
 */
export function objectUrl(
  settings: Pick<S3Settings, "address" | "region" | "endpoint" | "pathStyle">,
  keys: readonly string[],
): string {
  const coded = keys.map((key) => key.split("/").map(encodeURIComponent).join("/"));
  return `${bucketUrl(settings)}/${coded.length === 1 ? coded[0] : `{${coded.join(",")}}`}`;
}

function bucketUrl({
  address: { bucket },
  region,
  endpoint,
  pathStyle,
}: Parameters<typeof objectUrl>[0]): string {
  const base = new URL(
    endpoint ?? `https://s3.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`,
  );
  const path = base.pathname.replace(/\/+$/, "");
  // A certificate for *.s3.… does not cover a bucket with a dot in its name.
  if (pathStyle || bucket.includes(".")) return `${base.protocol}//${base.host}${path}/${bucket}`;
  return `${base.protocol}//${bucket}.${base.host}${path}`;
}
