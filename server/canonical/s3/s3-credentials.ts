import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { fromNodeProviderChain } from "@aws-sdk/credential-providers";
import { z } from "zod";

import { StoreError } from "../store-error";
import { storeErrorOf } from "./s3-failure";
import type { S3Settings } from "./s3-settings";

/** Keys to S3, as they are now. */
export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** When they end; absent: nobody knows of an end. */
  readonly expiration?: Date;
}

/** A statement of ClickHouse keeps the keys it began with, so they must last as long as one may take. */
const STATEMENT_MS = 16 * 60_000;
/** Temporary keys that end sooner are asked for again, but not more often than this. */
const ASK_AGAIN_MS = 30_000;
/** How long a secret is believed in before it is read again. */
const SECRET_MS = 5 * 60_000;

const SecretValue = z.object({
  accessKeyId: z.string().min(1),
  secretAccessKey: z.string().min(1),
  sessionToken: z.string().min(1).optional(),
});

/** The store's keys: by role, given, or from Secrets Manager; renewed before they end. */
export class S3Credentials {
  #keys: Promise<S3Keys> | undefined;
  #askAgainAt = 0;
  readonly #load: () => Promise<S3Keys>;

  constructor(private readonly settings: S3Settings) {
    this.#load = loader(settings);
  }

  /**
   * Keys that last as long as a statement may, where such can be had.
   *
   * @throws StoreError where there are none
   */
  async get(): Promise<S3Keys> {
    if (this.#keys === undefined || Date.now() >= this.#askAgainAt) return this.#renew();
    return this.#keys;
  }

  /** Asks for the keys anew, after S3 refused them. @returns whether they are others than before */
  async areRenewed(): Promise<boolean> {
    if (this.settings.credentials.kind === "key") return false;
    const before = await this.#keys?.catch(() => undefined);
    const after = await this.#renew();
    return (
      before?.secretAccessKey !== after.secretAccessKey ||
      before.sessionToken !== after.sessionToken
    );
  }

  #renew(): Promise<S3Keys> {
    // Callers that come meanwhile wait for the same answer.
    this.#askAgainAt = Number.POSITIVE_INFINITY;
    const loading = this.#load().then(
      (keys) => {
        const left =
          keys.expiration === undefined ? undefined : keys.expiration.getTime() - Date.now();
        const wait =
          left === undefined
            ? this.settings.credentials.kind === "secret"
              ? SECRET_MS
              : Number.POSITIVE_INFINITY
            : Math.max(ASK_AGAIN_MS, left - STATEMENT_MS);
        this.#askAgainAt = Date.now() + wait;
        return keys;
      },
      (error: unknown) => {
        this.#askAgainAt = 0;
        throw storeErrorOf(error, this.settings);
      },
    );
    this.#keys = loading;
    return loading;
  }
}

function loader(settings: S3Settings): () => Promise<S3Keys> {
  const { credentials: source, region } = settings;
  switch (source.kind) {
    case "key": {
      const { kind: _, ...keys } = source;
      return () => Promise.resolve(keys);
    }
    case "role": {
      const chain = fromNodeProviderChain({ clientConfig: { region } });
      return () => chain({ forceRefresh: true });
    }
    case "secret":
      return () => readSecret(source.secretId, region);
  }
}

async function readSecret(secretId: string, region: string): Promise<S3Keys> {
  const client = new SecretsManagerClient({ region, maxAttempts: 5 });
  const refused = (reason: string, transient = false): StoreError =>
    new StoreError(
      "no-credentials",
      `${reason} (CANONICAL_STORE_SECRET_ID, region ${region})`,
      transient,
    );
  let text: string | undefined;
  try {
    text = (await client.send(new GetSecretValueCommand({ SecretId: secretId }))).SecretString;
  } catch (error) {
    const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
    if (name === "CredentialsProviderError") throw error;
    if (name === "ResourceNotFoundException") {
      throw refused(`There is no secret ${secretId} in Secrets Manager.`);
    }
    if (name === "AccessDeniedException" || $metadata?.httpStatusCode === 403) {
      throw refused(
        `This process may not read the secret ${secretId}. Allow its role secretsmanager:GetSecretValue on it.`,
      );
    }
    throw refused(
      `The secret ${secretId} cannot be read from Secrets Manager: ${name ?? "unknown failure"}.`,
      true,
    );
  } finally {
    client.destroy();
  }
  const value = SecretValue.safeParse(jsonOf(text));
  if (!value.success) {
    throw refused(
      `The secret ${secretId} is not a JSON object with accessKeyId and secretAccessKey (and sessionToken, where there is one).`,
    );
  }
  const { sessionToken, ...keys } = value.data;
  return { ...keys, ...(sessionToken === undefined ? {} : { sessionToken }) };
}

function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    // What the parser would say quotes the secret.
    return undefined;
  }
}
