import type { Env } from "@/server/env";

import { StoreError } from "../store-error";
import { type S3Address, parseS3Address } from "./s3-address";

/** Where the credentials come from. */
export type CredentialSource =
  | { readonly kind: "role" }
  | {
      readonly kind: "key";
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly sessionToken?: string;
    }
  | { readonly kind: "secret"; readonly secretId: string };

/** All that is needed to reach a store in S3. */
export interface S3Settings {
  /** As it was given, for people. */
  readonly location: string;
  readonly address: S3Address;
  readonly region: string;
  /** An S3 other than AWS. */
  readonly endpoint?: string;
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`. */
  readonly pathStyle: boolean;
  readonly credentials: CredentialSource;
  readonly changeWindowMs: number;
  /** How often a request is tried, by this process and by ClickHouse, before its failure counts. Default: 8. */
  readonly attempts?: number;
}

/**
 * The settings of a store in S3.
 *
 * @param address such as `s3://bucket/prefix`
 * @throws StoreError in words, where they do not say enough or contradict themselves
 */
export function s3Settings(address: string, env: Env): S3Settings {
  const endpoint = env.CANONICAL_STORE_ENDPOINT?.replace(/\/+$/, "");
  const region =
    env.CANONICAL_STORE_REGION ??
    env.AWS_REGION ??
    env.AWS_DEFAULT_REGION ??
    // Others than AWS mostly take this one for granted, whatever the place.
    (endpoint === undefined ? undefined : "us-east-1");
  if (region === undefined) {
    throw new StoreError(
      "bad-settings",
      `The region of ${address} is not known. Set CANONICAL_STORE_REGION, such as eu-central-1.`,
    );
  }
  return {
    location: address,
    address: parseS3Address(address),
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    pathStyle:
      env.CANONICAL_STORE_PATH_STYLE === undefined
        ? endpoint !== undefined
        : env.CANONICAL_STORE_PATH_STYLE === "on",
    credentials: credentialSource(env),
    changeWindowMs: env.CANONICAL_STORE_WINDOW_MINUTES * 60_000,
  };
}

function credentialSource(env: Env): CredentialSource {
  const {
    CANONICAL_STORE_ACCESS_KEY_ID: accessKeyId,
    CANONICAL_STORE_SECRET_ACCESS_KEY: secretAccessKey,
    CANONICAL_STORE_SESSION_TOKEN: sessionToken,
    CANONICAL_STORE_SECRET_ID: secretId,
  } = env;
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw new StoreError(
      "bad-settings",
      "CANONICAL_STORE_ACCESS_KEY_ID and CANONICAL_STORE_SECRET_ACCESS_KEY belong together: set both, or neither.",
    );
  }
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    if (secretId !== undefined) {
      throw new StoreError(
        "bad-settings",
        "The store's credentials are given twice: set CANONICAL_STORE_SECRET_ID or CANONICAL_STORE_ACCESS_KEY_ID, not both.",
      );
    }
    return {
      kind: "key",
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
    };
  }
  return secretId === undefined ? { kind: "role" } : { kind: "secret", secretId };
}
