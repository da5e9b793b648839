import { randomUUID } from "node:crypto";
import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";

import type { Bucket, KeptObject } from "./bucket";
import { requestBody } from "./request-body";
import { S3Error, escapeXml } from "./s3-error";
import type { SeenRequest } from "./s3-server";

interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/**
 * What S3 does with a request that was let in.
 *
 * @throws S3Error where it refuses
 */
export async function answer(
  bucket: Bucket,
  seen: SeenRequest,
  request: IncomingMessage,
  pageSize: number,
): Promise<Answer> {
  const { method, key, query } = seen;
  if (key === "") {
    if (method === "HEAD" || method === "PUT") return plain(200);
    if (method === "GET") return xml(bucket.list(query, pageSize));
  }
  const uploadId = query.get("uploadId");
  switch (method) {
    case "GET":
    case "HEAD":
      return read(bucket.objects.get(key), request, method);
    case "DELETE":
      if (uploadId === null) bucket.objects.delete(key);
      else bucket.uploads.delete(uploadId);
      return plain(204);
    case "PUT": {
      const body = await requestBody(request);
      if (uploadId !== null) {
        const upload = bucket.uploads.get(uploadId);
        if (upload === undefined) throw noSuchUpload();
        upload.parts.set(Number(query.get("partNumber")), body);
        return plain(200, { etag: `"part-${query.get("partNumber")}"` });
      }
      if (request.headers["if-none-match"] === "*" && bucket.objects.has(key))
        throw preconditionFailed();
      return plain(200, { etag: `"${bucket.put(key, body).etag}"` });
    }
    case "POST": {
      await requestBody(request);
      if (query.has("uploads")) {
        const id = randomUUID();
        bucket.uploads.set(id, { key, parts: new Map() });
        return xml(
          `<InitiateMultipartUploadResult><Key>${escapeXml(key)}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
        );
      }
      const kept = bucket.complete(uploadId ?? "");
      if (kept === undefined) throw noSuchUpload();
      return xml(
        `<CompleteMultipartUploadResult><Key>${escapeXml(key)}</Key><ETag>&quot;${kept.etag}&quot;</ETag></CompleteMultipartUploadResult>`,
      );
    }
    default:
      throw new S3Error(
        405,
        "MethodNotAllowed",
        "The specified method is not allowed against this resource.",
      );
  }
}

function read(kept: KeptObject | undefined, request: IncomingMessage, method: string): Answer {
  if (kept === undefined) throw new S3Error(404, "NoSuchKey", "The specified key does not exist.");
  const { "if-match": ifMatch, "if-none-match": ifNoneMatch, range } = request.headers;
  if (ifMatch !== undefined && ifMatch !== "*" && ifMatch.replaceAll('"', "") !== kept.etag)
    throw preconditionFailed();
  if (ifNoneMatch !== undefined && ifNoneMatch.replaceAll('"', "") === kept.etag) return plain(304);
  const headers = {
    etag: `"${kept.etag}"`,
    "last-modified": new Date(kept.modified).toUTCString(),
    "accept-ranges": "bytes",
    "content-type": "application/octet-stream",
  };
  const size = kept.body.length;
  const asked = range === undefined ? null : /^bytes=(\d*)-(\d*)$/.exec(range);
  if (asked === null) {
    return { status: 200, headers: { ...headers, "content-length": size }, body: kept.body };
  }
  const [, from = "", to = ""] = asked;
  const start = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (start >= size || start > end) {
    throw new S3Error(416, "InvalidRange", "The requested range is not satisfiable");
  }
  const body = kept.body.subarray(start, end + 1);
  return {
    status: 206,
    headers: {
      ...headers,
      "content-length": body.length,
      "content-range": `bytes ${start}-${end}/${size}`,
    },
    body: method === "HEAD" ? Buffer.alloc(0) : body,
  };
}

function plain(status: number, headers: OutgoingHttpHeaders = {}): Answer {
  return { status, headers: { "content-length": 0, ...headers }, body: Buffer.alloc(0) };
}

function xml(text: string): Answer {
  const body = Buffer.from(text);
  return {
    status: 200,
    headers: { "content-type": "application/xml", "content-length": body.length },
    body,
  };
}

function noSuchUpload(): S3Error {
  return new S3Error(404, "NoSuchUpload", "The specified multipart upload does not exist.");
}

function preconditionFailed(): S3Error {
  return new S3Error(
    412,
    "PreconditionFailed",
    "At least one of the pre-conditions you specified did not hold",
  );
}
