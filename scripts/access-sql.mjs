// Writes the statements of sql/access for a ClickHouse, to be run by its administrator (docs/deploy-aws.md):
//
//   node scripts/access-sql.mjs --database avesa_analytics --bucket acme-canonical \
//     --region us-east-2 < passwords.json | clickhouse client --multiquery …
//
// Standard input is JSON with the password of every account; only their SHA-256 goes into the statements.
import { createHash } from "node:crypto";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";

import { ACCOUNTS, accessSql, bucketUrl } from "./support/access-sql.mjs";

const LEAST = 16;

/** @param {string} message @returns {never} */
function fail(message) {
  process.stderr.write(
    `${message}\nUsage: node scripts/access-sql.mjs --database NAME --bucket NAME --region NAME < passwords.json\n` +
      `passwords.json: {${ACCOUNTS.map((account) => `"${account}": "…"`).join(", ")}}\n`,
  );
  process.exit(2);
}

/** @returns {{ database?: string, bucket?: string, region?: string }} */
function options() {
  try {
    return parseArgs({
      options: {
        database: { type: "string" },
        bucket: { type: "string" },
        region: { type: "string" },
      },
    }).values;
  } catch (error) {
    return fail(error.message);
  }
}

/** @param {string} given @returns {Record<string, unknown>} */
function parsePasswords(given) {
  try {
    return JSON.parse(given);
  } catch {
    return fail("Standard input is not JSON.");
  }
}

const { database, bucket, region } = options();
if (database === undefined || bucket === undefined || region === undefined) {
  fail("Name the database, the bucket and its region.");
}
const passwords = parsePasswords(await text(process.stdin));
/** @type {Record<string, string>} */
const hashes = {};
for (const account of ACCOUNTS) {
  const password = passwords[account];
  if (typeof password !== "string" || password.length < LEAST) {
    fail(`${account}: give a password of at least ${LEAST} characters.`);
  }
  hashes[account] = createHash("sha256").update(password).digest("hex");
}
try {
  process.stdout.write(accessSql({ database, storeUrl: bucketUrl(bucket, region), hashes }));
} catch (error) {
  fail(error.message);
}
