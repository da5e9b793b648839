import { entityOf } from "@/lib/catalog";
import { readDeadLetterGroups } from "@/server/analytics/dead-letter-groups";
import { readDeadLetter } from "@/server/analytics/dead-letter-item";
import { readDeadLetters } from "@/server/analytics/dead-letter-list";
import { readEntityHistory } from "@/server/analytics/entity-history";
import { searchEntities } from "@/server/analytics/entity-search";
import { readFleet, readTenants } from "@/server/analytics/fleet";
import { readNav } from "@/server/analytics/nav";
import { readRun } from "@/server/analytics/run-detail";
import { readRunEvents } from "@/server/analytics/run-events";
import { readRuns } from "@/server/analytics/run-list";
import { readRunPlan } from "@/server/analytics/run-plan";
import { readRunsInFlight } from "@/server/analytics/runs-in-flight";
import { readTableAge } from "@/server/analytics/table-age";
import { readTenant } from "@/server/analytics/tenant";
import { readTenantSettings } from "@/server/analytics/tenant-settings";
import { readThroughput } from "@/server/analytics/throughput";
import { readNewestValidation, readRunValidation } from "@/server/analytics/validation";
import { listAudit } from "@/server/audit/list-audit";
import type { Actor } from "@/server/auth/actor";
import { readMarks } from "@/server/live/change-marks";
import { readExecution } from "@/server/orchestrators/read-execution";
import { scopeToTenant } from "@/server/tenant-scope";

import type { Bench } from "./benchmark";
import { SEEN_TENANT } from "./operations";

const ROWS_A_PAGE = 50;
const TENANTS_A_PAGE = 100;
const ACTOR: Actor = { username: "bench", displayName: "", role: "admin" };

/** A page, or what its browser asks for later: reads that are made at once, as the page makes them. */
export interface ListPage {
  readonly name: string;
  read(): Promise<unknown>;
}

/** The pages that hold lists, as their routes read them, and the later pages of the long lists. */
export async function pagesOf({ db }: Pick<Bench, "db">): Promise<ListPage[]> {
  const scope = await scopeToTenant(db, ACTOR, SEEN_TENANT);
  const tenants = [SEEN_TENANT];
  const tickets = entityOf("tickets");
  if (tickets === undefined) throw new Error("there are no tickets in the catalogue");
  const first = { after: null, limit: ROWS_A_PAGE };
  const open = { ...first, status: "open" } as const;

  const runs = await readRuns({ ...first, until: null });
  const groups = await readDeadLetterGroups(open);
  const [group] = groups.rows;
  const letters = await readDeadLetters({ ...open, fingerprint: group?.fingerprint });
  const [letter] = letters.rows;
  const ended = (await readRuns({ ...first, until: null, tenants, status: ["succeeded"] })).rows[0];
  const records = await searchEntities(scope, tickets, { query: "", ...first });
  if (group === undefined || letter === undefined || ended === undefined)
    throw new Error("there is nothing to list");
  const runId = ended.runId;
  const letterScope = await scopeToTenant(db, ACTOR, letter.tenantId);

  return [
    { name: "frame of every page", read: () => readNav() },
    { name: "live marks, once a second", read: () => readMarks() },
    {
      name: "fleet",
      read: () =>
        Promise.all([
          readFleet({ health: [], ...first, limit: TENANTS_A_PAGE }),
          readThroughput("24h"),
          readRunsInFlight(),
        ]),
    },
    { name: "tenants", read: () => readTenants({ search: "", health: [], ...first }) },
    {
      name: "tenant",
      read: async () => {
        await readTenant(scope);
        await Promise.all([
          readNewestValidation(scope),
          readRuns({ tenants, ...first, until: null, limit: 8 }),
          readTableAge(scope, "tickets", "30d"),
        ]);
      },
    },
    { name: "tenant's settings", read: () => readTenantSettings(scope) },
    { name: "runs", read: () => readRuns({ ...first, until: null }) },
    {
      name: "runs, second page",
      read: () => readRuns({ ...first, after: runs.next, until: runs.until }),
    },
    { name: "runs, failed", read: () => readRuns({ ...first, until: null, status: ["failed"] }) },
    { name: "runs, one tenant", read: () => readRuns({ ...first, until: null, tenants }) },
    {
      name: "run",
      read: () =>
        Promise.all([
          readRun(scope, runId),
          readRunPlan(scope, runId),
          readRunEvents(scope, {
            runId,
            level: "info",
            tableName: "",
            search: "",
            before: null,
            limit: 50,
          }),
          readRunValidation(scope, runId),
          readExecution(db, scope, runId),
        ]),
    },
    { name: "dead letters, groups", read: () => readDeadLetterGroups(open) },
    {
      name: "dead letters, groups, second page",
      read: () => readDeadLetterGroups({ ...open, after: groups.next }),
    },
    {
      name: "dead letters, groups, one tenant",
      read: () => readDeadLetterGroups({ ...open, tenantId: letter.tenantId }),
    },
    {
      name: "dead letters, one group",
      read: () =>
        Promise.all([
          readDeadLetterGroups(open),
          readDeadLetters({ ...open, fingerprint: group.fingerprint }),
        ]),
    },
    {
      name: "dead letters, one group, second page",
      read: () => readDeadLetters({ ...open, fingerprint: group.fingerprint, after: letters.next }),
    },
    { name: "dead letters, all", read: () => readDeadLetters(open) },
    { name: "dead letter", read: () => readDeadLetter(letterScope, letter.id) },
    {
      name: "records, changed last",
      read: () => searchEntities(scope, tickets, { query: "", ...first }),
    },
    {
      name: "records, second page",
      read: () => searchEntities(scope, tickets, { query: "", ...first, after: records.next }),
    },
    {
      name: "records by id",
      read: () => searchEntities(scope, tickets, { query: "T0000", ...first }),
    },
    { name: "record", read: () => readEntityHistory(scope, tickets, { id: "T000000017" }) },
    { name: "audit", read: () => listAudit(first) },
    {
      name: "audit, one person, denied",
      read: () => listAudit({ ...first, actor: "marta", outcome: "denied" }),
    },
  ];
}
