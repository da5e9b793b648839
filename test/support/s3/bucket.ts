import { createHash } from "node:crypto";

import { escapeXml } from "./s3-error";

export interface KeptObject {
  readonly body: Buffer;
  readonly etag: string;
  /** ms UTC; S3 tells whole seconds only. */
  readonly modified: number;
}

/** The objects of one bucket, and how S3 lists them. */
export class Bucket {
  readonly objects = new Map<string, KeptObject>();
  readonly uploads = new Map<
    string,
    { readonly key: string; readonly parts: Map<number, Buffer> }
  >();

  put(key: string, body: Buffer, modified = Date.now()): KeptObject {
    const kept = { body, etag: md5(body), modified: Math.floor(modified / 1000) * 1000 };
    this.objects.set(key, kept);
    return kept;
  }

  /** Puts the parts of an upload together; the etag says how many there were, and is no digest of the content. */
  complete(uploadId: string): KeptObject | undefined {
    const upload = this.uploads.get(uploadId);
    if (upload === undefined) return undefined;
    const parts = [...upload.parts].sort(([a], [b]) => a - b).map(([, body]) => body);
    const digests = parts.map((part) => createHash("md5").update(part).digest());
    const kept = {
      body: Buffer.concat(parts),
      etag: `${createHash("md5").update(Buffer.concat(digests)).digest("hex")}-${parts.length}`,
      modified: Math.floor(Date.now() / 1000) * 1000,
    };
    this.uploads.delete(uploadId);
    this.objects.set(upload.key, kept);
    return kept;
  }

  /** ListObjectsV2 as XML. Tokens are the last key in base64. */
  list(query: URLSearchParams, pageSize: number): string {
    const prefix = query.get("prefix") ?? "";
    const delimiter = query.get("delimiter") ?? "";
    const token = query.get("continuation-token");
    const after =
      token === null ? (query.get("start-after") ?? "") : Buffer.from(token, "base64").toString();
    const limit = Math.min(Number(query.get("max-keys") ?? 1000), pageSize);
    const coded = query.get("encoding-type") === "url";
    const name = (text: string): string => (coded ? encodeURIComponent(text) : escapeXml(text));

    const contents: string[] = [];
    const folders = new Set<string>();
    let last = "";
    let isTruncated = false;
    const keys = [...this.objects.keys()].sort((a, b) =>
      Buffer.compare(Buffer.from(a), Buffer.from(b)),
    );
    for (const key of keys) {
      if (!key.startsWith(prefix) || Buffer.compare(Buffer.from(key), Buffer.from(after)) <= 0)
        continue;
      const cut = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
      const folder = cut < 0 ? undefined : key.slice(0, cut + delimiter.length);
      if (folder !== undefined && (folders.has(folder) || after.startsWith(folder))) {
        last = key;
        continue;
      }
      if (contents.length + folders.size >= limit) {
        isTruncated = true;
        break;
      }
      last = key;
      const kept = this.objects.get(key);
      if (folder !== undefined) folders.add(folder);
      else if (kept !== undefined) {
        contents.push(
          `<Contents><Key>${name(key)}</Key><LastModified>${new Date(kept.modified).toISOString()}</LastModified>` +
            `<ETag>&quot;${kept.etag}&quot;</ETag><Size>${kept.body.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
        );
      }
    }
    return (
      `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` +
      `<Prefix>${name(prefix)}</Prefix><KeyCount>${contents.length + folders.size}</KeyCount><MaxKeys>${limit}</MaxKeys>` +
      `${coded ? "<EncodingType>url</EncodingType>" : ""}<IsTruncated>${isTruncated}</IsTruncated>` +
      `${isTruncated ? `<NextContinuationToken>${Buffer.from(last).toString("base64")}</NextContinuationToken>` : ""}` +
      contents.join("") +
      [...folders]
        .map((folder) => `<CommonPrefixes><Prefix>${name(folder)}</Prefix></CommonPrefixes>`)
        .join("") +
      "</ListBucketResult>"
    );
  }
}

function md5(body: Buffer): string {
  return createHash("md5").update(body).digest("hex");
}
