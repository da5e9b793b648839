import { StoreError } from "../store-error";
import type { S3Settings } from "./s3-settings";

/** An SDK error with what of it is safe to look at. */
interface SdkError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly Region?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

const NETWORK =
  /^(?:ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|TimeoutError|NetworkingError)$/;

/** Whether the answer was that there is no such object. */
export function isNoSuchKey(error: unknown): boolean {
  const { name, status } = shapeOf(error);
  return name === "NoSuchKey" || (status === 404 && name === "NotFound");
}

/** Whether the object is no longer the one with the etag that was asked for. */
export function isPreconditionFailed(error: unknown): boolean {
  return shapeOf(error).status === 412;
}

/** What the SDK threw, in words for the person who runs the product. */
export function storeErrorOf(error: unknown, settings: S3Settings): StoreError {
  if (error instanceof StoreError) return error;
  const { name, message, status, region } = shapeOf(error);
  const { location, address, endpoint } = settings;
  const where = credentialsInWords(settings);
  switch (name) {
    case "CredentialsProviderError":
      return new StoreError(
        "no-credentials",
        `No credentials for ${location} were found. Give this process a role, set CANONICAL_STORE_ACCESS_KEY_ID and ` +
          "CANONICAL_STORE_SECRET_ACCESS_KEY, or name a secret in CANONICAL_STORE_SECRET_ID.",
      );
    case "InvalidAccessKeyId":
      return new StoreError(
        "unknown-key",
        `S3 does not know the access key for ${location}. Check ${where}.`,
      );
    case "SignatureDoesNotMatch":
      return new StoreError(
        "wrong-secret",
        `The secret for ${location} does not belong to its access key. Check ${where}.`,
      );
    case "ExpiredToken":
    case "ExpiredTokenException":
    case "TokenRefreshRequired":
      return new StoreError(
        "expired",
        `The temporary credentials for ${location} have expired. Renew ${where}.`,
        settings.credentials.kind !== "key",
      );
    case "InvalidToken":
      return new StoreError(
        "expired",
        `The session token for ${location} is not valid for its access key. Check ${where}.`,
      );
    case "RequestTimeTooSkewed":
      return new StoreError(
        "wrong-clock",
        "The clock of this machine differs from that of S3 by more than 15 minutes. Set it right.",
      );
    case "InvalidRange":
      return new StoreError("no-such-range", `An object in ${location} is shorter than it was.`);
    case "NoSuchBucket":
      return noBucket(settings);
    case "AccessDenied":
    case "AllAccessDisabled":
      return denied(settings);
    case "PermanentRedirect":
    case "AuthorizationHeaderMalformed":
    case "IllegalLocationConstraintException":
      return wrongRegion(settings, region);
    case "SlowDown":
    case "ServiceUnavailable":
    case "RequestTimeout":
      return busy(settings);
  }
  if (NETWORK.test(name)) {
    return new StoreError(
      "unreachable",
      `S3 cannot be reached at ${endpoint ?? `region ${settings.region}`} (${name}). Check the network` +
        `${endpoint === undefined ? "" : " and CANONICAL_STORE_ENDPOINT"}.`,
      true,
    );
  }
  if (status !== undefined) {
    if (status >= 500 || status === 429) return busy(settings);
    // The region is told with every answer, right or wrong.
    if (status === 301 || (region !== undefined && region !== settings.region)) {
      return wrongRegion(settings, region);
    }
    if (status === 403) return denied(settings);
    if (status === 404) return noBucket(settings);
  }
  if (/aborted|socket hang up|premature|stream/i.test(message)) return brokenAnswer(location);
  return new StoreError(
    "unexpected",
    `S3 refused a request to the bucket ${address.bucket}: ${name}${status === undefined ? "" : ` (status ${status})`}. ` +
      "Check CANONICAL_STORE and CANONICAL_STORE_ENDPOINT.",
  );
}

export function brokenAnswer(location: string): StoreError {
  return new StoreError(
    "broken-answer",
    `S3 broke off in the middle of an answer, again and again, while objects in ${location} were read. Nothing half-read ` +
      "was kept; it is tried again.",
    true,
  );
}

export function busy({ location }: Pick<S3Settings, "location">): StoreError {
  return new StoreError(
    "busy",
    `S3 is overloaded or faulty (it answered with 5xx or SlowDown, again and again) for ${location}. It is tried again later.`,
    true,
  );
}

function denied({ location, address: { bucket } }: S3Settings): StoreError {
  return new StoreError(
    "denied",
    `These credentials may not read ${location}. Allow them s3:ListBucket on the bucket ${bucket} and s3:GetObject on its ` +
      "objects (and kms:Decrypt, where they are encrypted with a key of your own).",
  );
}

function noBucket({ address: { bucket }, endpoint, region }: S3Settings): StoreError {
  return new StoreError(
    "no-bucket",
    `There is no bucket ${bucket} at ${endpoint ?? `AWS (asked in ${region})`}. Check CANONICAL_STORE.`,
  );
}

function wrongRegion({ address: { bucket }, region }: S3Settings, right?: string): StoreError {
  return new StoreError(
    "wrong-region",
    right === undefined || right === region
      ? `The bucket ${bucket} is not in region ${region}. Set CANONICAL_STORE_REGION to the region it is in.`
      : `The bucket ${bucket} is in region ${right}, not ${region}. Set CANONICAL_STORE_REGION=${right}.`,
  );
}

function credentialsInWords({ credentials }: S3Settings): string {
  switch (credentials.kind) {
    case "key":
      return credentials.sessionToken === undefined
        ? "CANONICAL_STORE_ACCESS_KEY_ID and CANONICAL_STORE_SECRET_ACCESS_KEY"
        : "CANONICAL_STORE_ACCESS_KEY_ID, CANONICAL_STORE_SECRET_ACCESS_KEY and CANONICAL_STORE_SESSION_TOKEN";
    case "secret":
      return `the secret ${credentials.secretId} in Secrets Manager (CANONICAL_STORE_SECRET_ID)`;
    case "role":
      return "the role or AWS credentials of this process";
  }
}

function shapeOf(error: unknown): {
  name: string;
  message: string;
  status: number | undefined;
  region: string | undefined;
} {
  const sdk = (error ?? {}) as Partial<SdkError>;
  return {
    // Network failures carry their name as a code.
    name: sdk.code !== undefined && NETWORK.test(sdk.code) ? sdk.code : (sdk.name ?? "Error"),
    message: sdk.message ?? "",
    status: sdk.$metadata?.httpStatusCode,
    region: sdk.Region ?? sdk.$response?.headers?.["x-amz-bucket-region"],
  };
}
