import { storeErrorOf } from "./s3-failure";
import type { S3Settings } from "./s3-settings";

type Chain = ReturnType<(typeof import("@aws-sdk/credential-providers"))["fromNodeProviderChain"]>;

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
      let chain: Chain | undefined;
      return async () => {
        const { fromNodeProviderChain } = await import("@aws-sdk/credential-providers");
        chain ??= fromNodeProviderChain({ clientConfig: { region } });
        return chain({ forceRefresh: true });
      };
    }
    case "secret":
      return async () => {
        const { readKeysFromSecret } = await import("./keys-from-secret");
        return readKeysFromSecret(source.secretId, region);
      };
  }
}
