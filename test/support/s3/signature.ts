import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

import { S3Error } from "./s3-error";

/** Who may sign in to the fixture. */
export interface S3Account {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials; requests must carry it. */
  readonly sessionToken?: string;
  /** False: known, but allowed nothing. */
  readonly isAllowed?: boolean;
}

interface SignedRequest {
  readonly method: string;
  /** Path and query as they came. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
const MAX_SKEW_MS = 15 * 60_000;

/**
 * Checks a request's AWS Signature Version 4 from the secret up.
 *
 * @returns the account that signed it
 * @throws S3Error as S3 answers to unsigned, unknown, wrongly signed, outdated or misdirected requests
 */
export function checkSignature(
  request: SignedRequest,
  accounts: readonly S3Account[],
  region: string,
): S3Account {
  const header = (name: string): string => String(request.headers[name] ?? "");
  const match = AUTHORIZATION.exec(header("authorization"));
  if (!match) throw new S3Error(403, "AccessDenied", "Access Denied");
  const [, keyId = "", day = "", signedRegion = "", names = "", signature = ""] = match;
  if (signedRegion !== region) {
    throw new S3Error(
      400,
      "AuthorizationHeaderMalformed",
      `The authorization header is malformed; the region '${signedRegion}' is wrong; expecting '${region}'`,
      { elements: { Region: region }, headers: { "x-amz-bucket-region": region } },
    );
  }
  const account = accounts.find((one) => one.accessKeyId === keyId);
  if (account === undefined) {
    throw new S3Error(
      403,
      "InvalidAccessKeyId",
      "The AWS Access Key Id you provided does not exist in our records.",
      { elements: { AWSAccessKeyId: keyId } },
    );
  }
  const date = header("x-amz-date");
  const at = Date.parse(
    date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"),
  );
  if (!(Math.abs(Date.now() - at) < MAX_SKEW_MS) || !date.startsWith(day)) {
    throw new S3Error(
      403,
      "RequestTimeTooSkewed",
      "The difference between the request time and the current time is too large.",
    );
  }

  const [path = "", query = ""] = splitOnce(request.target, "?");
  const signedNames = names.split(";");
  if (!signedNames.includes("host") || !signedNames.includes("x-amz-date")) {
    throw new S3Error(
      403,
      "AccessDenied",
      "There were headers present in the request which were not signed",
    );
  }
  const canonical = [
    request.method,
    recode(path, "/"),
    query
      .split("&")
      .filter((pair) => pair !== "")
      .map((pair) =>
        splitOnce(pair, "=")
          .map((part) => recode(part))
          .join("="),
      )
      .sort()
      .join("&"),
    ...signedNames.map((name) => `${name}:${header(name).trim().replaceAll(/ +/g, " ")}`),
    "",
    names,
    header("x-amz-content-sha256"),
  ].join("\n");
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${createHash("sha256").update(canonical).digest("hex")}`;
  const key = [day, region, "s3", "aws4_request"].reduce<string | Buffer>(
    (secret, part) => createHmac("sha256", secret).update(part).digest(),
    `AWS4${account.secretAccessKey}`,
  );
  const expected = createHmac("sha256", key).update(toSign).digest();
  if (!timingSafeEqual(expected, Buffer.from(signature, "hex"))) {
    throw new S3Error(
      403,
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
      {
        elements: {
          AWSAccessKeyId: keyId,
          StringToSign: toSign,
          SignatureProvided: signature,
          CanonicalRequest: canonical,
        },
      },
    );
  }
  if (header("x-amz-security-token") !== (account.sessionToken ?? "")) {
    throw new S3Error(400, "InvalidToken", "The provided token is malformed or otherwise invalid.");
  }
  if (account.isAllowed === false) throw new S3Error(403, "AccessDenied", "Access Denied");
  return account;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** Decodes and encodes again as the signature wants it: all but letters, digits and `-_.~` (and what is kept). */
function recode(text: string, kept = ""): string {
  return encodeURIComponent(decodeURIComponent(text))
    .replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%2F", kept === "/" ? "/" : "%2F");
}
