import type { ClickHouseError } from "@/server/clickhouse/error";

import type { ObjectFault } from "../canonical-store";
import { StoreError } from "../store-error";
import { brokenAnswer, busy, isNoSuchKey } from "./s3-failure";
import type { S3Settings } from "./s3-settings";

const S3_ERROR = 499;
const S3_OBJECT_CHANGED_DURING_READ = 1009;
/** A failure of its network library that ClickHouse passes on as it is; the driver finds no code in it. */
const BARE_NETWORK_FAILURE = /Poco::Exception/;
const OVERLOADED =
  /response code: (?:5\d\d|429)|SlowDown|reduce your request rate|InternalError|ServiceUnavailable/i;
const BROKEN_OFF =
  /Connection reset|Broken pipe|Unexpected (?:end|EOF)|Cannot read all|Timeout|Connection refused|No message received|HTTP response code: 18446744073709551615/i;

/** The store, as far as it is asked. */
export interface StoreProbe {
  /** Throws as `isNoSuchKey` knows, or StoreError. */
  readonly readFirstByte: (key: string) => Promise<unknown>;
  /** Throws StoreError where the store is unusable. */
  readonly check: () => Promise<void>;
  readonly areKeysRenewed: () => Promise<boolean>;
}

/**
 * Why ClickHouse could not read from S3. It reports a missing object, a wrong secret, a wrong region and an overloaded S3
 * under one code, so the store is asked the same through the SDK, which is answered in S3's words.
 *
 * @param key absent where the statement read several objects
 * @throws StoreError where it is not the object
 */
export async function explainReadFailure(
  error: ClickHouseError,
  settings: S3Settings,
  key: string | undefined,
  store: StoreProbe,
): Promise<ObjectFault | undefined> {
  if (error.code === S3_OBJECT_CHANGED_DURING_READ)
    return key === undefined ? undefined : "replaced";
  const isBare = error.type === "HTTP_ERROR" && BARE_NETWORK_FAILURE.test(error.detail);
  if (error.code !== S3_ERROR && !isBare) return undefined;
  if (isBare || BROKEN_OFF.test(error.detail)) {
    await store.check();
    throw brokenAnswer(settings.location);
  }
  if (OVERLOADED.test(error.detail)) throw busy(settings);
  // Which object it was is found out by reading each alone.
  if (key === undefined) return undefined;
  try {
    await store.readFirstByte(key);
  } catch (failure) {
    if (isNoSuchKey(failure)) return "vanished";
    // An empty object has no first byte, and that is all there is to say against it.
    if (failure instanceof StoreError && failure.trouble === "no-such-range") return undefined;
    if (!(failure instanceof StoreError) || failure.trouble !== "denied") throw failure;
    // Where listing is allowed too little is known to blame all of the store.
    await store.check();
    return "denied";
  }
  // By now it can be read: the keys ClickHouse was given have ended, or whatever it was has passed.
  await store.areKeysRenewed();
  throw busy(settings);
}
