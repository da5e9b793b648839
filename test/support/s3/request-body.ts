import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";

import { S3Error } from "./s3-error";

/**
 * The content a request carries: taken out of `aws-chunked` where it came so, and held against the digest that was signed.
 *
 * @throws S3Error where content and digest differ
 */
export async function requestBody(request: IncomingMessage): Promise<Buffer> {
  const raw = await buffer(request);
  const declared = String(request.headers["x-amz-content-sha256"] ?? "");
  if (declared.startsWith("STREAMING-")) {
    if (declared !== "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
      throw new S3Error(501, "NotImplemented", `${declared} is not understood here`);
    }
    return unchunked(raw);
  }
  if (
    declared !== "UNSIGNED-PAYLOAD" &&
    declared !== createHash("sha256").update(raw).digest("hex")
  ) {
    throw new S3Error(
      400,
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
  const md5 = request.headers["content-md5"];
  if (md5 !== undefined && md5 !== createHash("md5").update(raw).digest("base64")) {
    throw new S3Error(
      400,
      "BadDigest",
      "The Content-MD5 you specified did not match what we received.",
    );
  }
  return raw;
}

function unchunked(raw: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let position = 0; ;) {
    const end = raw.indexOf("\r\n", position);
    const size = Number.parseInt(raw.subarray(position, end).toString("latin1"), 16);
    if (end < 0 || !Number.isInteger(size))
      throw new S3Error(400, "IncompleteBody", "The chunks are cut short.");
    if (size === 0) return Buffer.concat(parts);
    parts.push(raw.subarray(end + 2, end + 2 + size));
    position = end + 2 + size + 2;
  }
}
