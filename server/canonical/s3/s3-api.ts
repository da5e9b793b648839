import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  S3Client,
} from "@aws-sdk/client-s3";

import type { S3Credentials } from "./s3-credentials";
import { brokenAnswer } from "./s3-failure";
import type { S3Settings } from "./s3-settings";

/** How often a request is tried; the waits between grow to some seconds. */
const DEFAULT_ATTEMPTS = 8;

/**
 * The requests that a store makes. Keys are without the store's prefix. Each throws what the SDK throws, after it has tried
 * again what can pass.
 */
export class S3Api {
  readonly #client: S3Client;

  constructor(
    private readonly settings: S3Settings,
    credentials: S3Credentials,
  ) {
    this.#client = new S3Client({
      region: settings.region,
      ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint }),
      forcePathStyle: settings.pathStyle,
      // Marked as ending soon, so that the client asks each time and the one memory of them is ours.
      credentials: async () => ({
        ...(await credentials.get()),
        expiration: new Date(Date.now() + 60_000),
      }),
      maxAttempts: settings.attempts ?? DEFAULT_ATTEMPTS,
      requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000 },
      // Others than AWS do not all know the newer checksums.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
    });
  }

  async page(
    prefix: string,
    options: { delimiter?: string | undefined; token?: string | undefined; limit?: number } = {},
  ): Promise<ListObjectsV2CommandOutput> {
    const { bucket: Bucket, prefix: root } = this.settings.address;
    return this.#client.send(
      new ListObjectsV2Command({
        Bucket,
        Prefix: `${root}${prefix}`,
        Delimiter: options.delimiter,
        ContinuationToken: options.token,
        MaxKeys: options.limit,
        // XML has no way to write some of the characters that a key may have.
        EncodingType: "url",
      }),
    );
  }

  async etag(key: string): Promise<string> {
    const { ETag = "" } = await this.#client.send(new HeadObjectCommand(this.#place(key)));
    return ETag.replaceAll('"', "");
  }

  /**
   * Bytes of an object, all within its size.
   *
   * @param etag refuses what is not this content (412)
   * @throws StoreError too, where fewer came than were asked for
   */
  async read(key: string, start: number, length: number, etag?: string): Promise<Buffer> {
    const { Body } = await this.#client.send(
      new GetObjectCommand({
        ...this.#place(key),
        Range: `bytes=${start}-${start + length - 1}`,
        ...(etag === undefined ? {} : { IfMatch: `"${etag}"` }),
      }),
    );
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    if (bytes.length < length) throw brokenAnswer(this.settings.location);
    return bytes;
  }

  #place(key: string): { Bucket: string; Key: string } {
    const { bucket, prefix } = this.settings.address;
    return { Bucket: bucket, Key: `${prefix}${key}` };
  }
}
