import type { ObjectSource } from "../canonical-store";
import { objectUrl } from "./object-url";
import type { S3Keys } from "./s3-credentials";
import type { S3Settings } from "./s3-settings";

/** ClickHouse waits for S3 rather than for a core where objects are many and small. */
const READING_THREADS = 8;
/** ClickHouse's own default is 500 tries, which is longer than a statement may take. */
const DEFAULT_ATTEMPTS = 8;

/**
 * The s3() of a statement. The keys to S3 are bound and stand where ClickHouse knows a secret: it shows `[HIDDEN]` in their
 * place in system.processes, its logs and its errors.
 *
 * @param keys without the store's prefix
 */
export function s3Source(
  settings: S3Settings,
  { accessKeyId, secretAccessKey, sessionToken }: S3Keys,
  keys: readonly string[],
  format: string,
  structure: string,
): ObjectSource {
  const { prefix } = settings.address;
  const token = sessionToken === undefined ? "" : ", {objects_session_token:String}";
  return {
    sql:
      `s3({objects_url:String}, {objects_key_id:String}, {objects_secret:String}${token}, ` +
      "{objects_format:String}, {objects_structure:String})",
    params: {
      objects_url: objectUrl(
        settings,
        keys.map((key) => `${prefix}${key}`),
      ),
      objects_key_id: accessKeyId,
      objects_secret: secretAccessKey,
      ...(sessionToken === undefined ? {} : { objects_session_token: sessionToken }),
      objects_format: format,
      objects_structure: structure,
    },
    settings: {
      s3_retry_attempts: settings.attempts ?? DEFAULT_ATTEMPTS,
      ...(keys.length < READING_THREADS ? {} : { max_threads: READING_THREADS }),
    },
  };
}
