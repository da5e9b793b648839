import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { encode } from "next-auth/jwt";
import { z } from "zod";

import { catalog } from "@/lib/catalog";
import { cookieNames, isSecure, sessionSecret } from "@/server/auth/secret";
import { createUser, credentialStamp, findUser } from "@/server/auth/users";
import { startWebServer } from "@/server/cli/web-server";
import type { Db } from "@/server/clickhouse/client";
import { env, overrideEnv } from "@/server/env";
import { inLanes } from "@/server/in-lanes";
import { registerTenant } from "@/server/tenants/register-tenant";

import type { Bench, Benchmark } from "./benchmark";
import { load } from "./loads";
import { landRecords } from "./records";

const CLIENTS = 1_000;
const SECONDS = 30;
const TENANTS = 20;
/** Different addresses: more than are asked for in the meantime of one. */
const PATHS = 10_000;
const LOADS_AT_ONCE = 4;
const ACCOUNT = "bench-viewer";

/**
 * A thousand clients at once, each with a connection of its own, ask the console's API for records by their ids, for timelines,
 * and for what a tenant and the fleet look like. They are in a process of their own, and so is the web server.
 */
export const concurrency: Benchmark = {
  name: "concurrency",
  async run(bench) {
    const scale = Math.min(1, bench.rows / 1_000_000);
    const count = Math.max(4, Math.round(TENANTS * scale));
    const tenants = Array.from({ length: count }, (_, nth) => `bench-${nth}`);
    const records = Math.max(100, Math.floor(bench.rows / TENANTS));
    bench.say(`concurrency: ${count} tenants of ${records} tickets`);
    await makeTenants(bench, tenants, records);
    overrideEnv({ PORT: String(await freePort()) });
    const web = await startWebServer((line) => bench.say(line));
    try {
      const job = {
        url: `http://127.0.0.1:${env().PORT}`,
        cookie: await signedIn(bench.db),
        paths: pathsOf(tenants, records),
        clients: CLIENTS,
        seconds: 0,
      };
      // Unmeasured: the routes' code is loaded, and the first reads find nothing in the caches.
      await ask({ ...job, clients: 20, seconds: 3 });
      const seen = await ask({ ...job, seconds: Math.max(5, SECONDS * scale) });
      const errors = Object.values(seen.failures).reduce((sum, count) => sum + count, 0);
      bench.say(
        `concurrency: ${seen.requests} requests, median ${seen.p50Ms?.toFixed(0)} ms, failures ${JSON.stringify(seen.failures)}`,
      );
      return {
        "concurrency.errors": { value: errors },
        "concurrency.p99Ms": { value: seen.p99Ms },
        "concurrency.qps": { value: seen.requests / seen.seconds },
      };
    } finally {
      await web.stop();
    }
  },
};

async function makeTenants(
  { db, store, runs }: Bench,
  tenants: readonly string[],
  records: number,
): Promise<void> {
  const entity = catalog["tickets"];
  if (entity === undefined) throw new Error("there are no tickets in the catalogue");
  for (const tenantId of tenants) await registerTenant(db, { tenantId, createdBy: "bench" });
  const stamp = Date.UTC(2026, 0, 1);
  // Two states of each.
  const made = { entity, tenants, rows: records, entities: Math.ceil(records / 2), from: 0, stamp };
  await landRecords(db, store, made);
  await inLanes(LOADS_AT_ONCE, tenants, async (tenantId) => load(runs, tenantId, "bulk"));
}

/** Of ten requests four for a record, four for a timeline, one for a tenant, and one for the fleet. */
function pathsOf(tenants: readonly string[], records: number): string[] {
  const entities = Math.ceil(records / 2);
  return Array.from({ length: PATHS }, (_, nth) => {
    const tenant = `/api/v1/tenants/${tenants[nth % tenants.length] ?? ""}`;
    const ticket = `tickets-${(nth * 7919) % entities}`;
    if (nth % 10 < 4) return `${tenant}/entities/tickets?query=${ticket}&limit=1`;
    if (nth % 10 < 8) return `${tenant}/entities/tickets/${ticket}`;
    return nth % 10 === 8 ? tenant : "/api/v1/fleet";
  });
}

/** The cookie of a session, as signing in sets it. */
async function signedIn(db: Db): Promise<string> {
  await createUser(db, {
    username: ACCOUNT,
    displayName: "Bench",
    role: "viewer",
    password: "eight calm herons wade",
  });
  const user = await findUser(db, ACCOUNT);
  if (user === undefined) throw new Error("an account that was made is not there");
  const token = await encode({
    token: { sub: user.username, role: user.role, stamp: credentialStamp(user) },
    secret: sessionSecret(),
    maxAge: 3_600,
  });
  return `${cookieNames(isSecure()).session}=${token}`;
}

const Seen = z.object({
  requests: z.number(),
  /** By status; 0 where there was no answer. */
  failures: z.record(z.string(), z.number()),
  seconds: z.number(),
  p50Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
});

async function ask(job: object): Promise<z.infer<typeof Seen>> {
  const child = spawn(process.execPath, [join(env().AVESA_ROOT, "bench/clients.mjs")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(JSON.stringify(job));
  return Seen.parse(JSON.parse(await text(child.stdout)));
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0));
    });
  });
}
