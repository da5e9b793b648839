import { z } from "zod";
import { EVENT_LEVELS, type EventLevel, type RunEventsReply } from "@/lib/contracts/runs";
import type { Db } from "@/server/clickhouse/client";
import { tenantQuery } from "@/server/clickhouse/tenant-query";
import type { TenantScope } from "@/server/tenant-scope";
import { decodeCursor, encodeCursor } from "./cursor";
import { clickHouseTime } from "./run-list";
import { zCount, zInstant } from "./row-types";

const COUNT_CAP = 10_000;

const row = z.object({
  at: zInstant,
  sequence: zCount,
  tableName: z.string(),
  level: z.enum(EVENT_LEVELS),
  event: z.string(),
  message: z.string(),
  detail: z.string(),
});

export interface RunEventsInput {
  readonly runId: string;
  /** Events of this level and graver ones. */
  readonly level: EventLevel;
  /** '' for all tables. */
  readonly tableName: string;
  /** Text that the message must hold, without regard to case; '' for all. */
  readonly search: string;
  readonly before: string | null;
  readonly limit: number;
}

/** A page of a run's events, newest first: the tail without `before`, the page above it with. */
export async function readRunEvents(
  scope: TenantScope,
  input: RunEventsInput,
  db?: Db,
): Promise<RunEventsReply> {
  const clauses = ["tenant_id = {tenantId:String}", "run_id = {runId:String}"];
  const common = {
    runId: input.runId,
    ...(input.level === "info"
      ? {}
      : { levels: EVENT_LEVELS.slice(EVENT_LEVELS.indexOf(input.level)) }),
    ...(input.tableName === "" ? {} : { tableName: input.tableName }),
    ...(input.search === "" ? {} : { search: input.search }),
  };
  if (input.level !== "info") clauses.push("level IN {levels:Array(String)}");
  if (input.tableName !== "") clauses.push("table_name = {tableName:String}");
  if (input.search !== "")
    clauses.push("positionCaseInsensitiveUTF8(concat(event, ' ', message), {search:String}) > 0");
  const filter = z.object({
    runId: z.string(),
    levels: z.array(z.string()).optional(),
    tableName: z.string().optional(),
    search: z.string().optional(),
  });
  const [beforeAt, beforeSequence] = input.before === null ? [] : decodeCursor(input.before, 2);
  const keyset =
    beforeAt === undefined
      ? ""
      : "AND (at, sequence) < ({beforeAt:DateTime64(3, 'UTC')}, {beforeSequence:UInt64})";
  const page = tenantQuery({
    name: "run.events",
    sql: `
SELECT at, sequence, table_name AS tableName, level, event, message, detail
FROM run_events
WHERE ${clauses.join(" AND ")} ${keyset}
ORDER BY at DESC, sequence DESC
LIMIT {limit:UInt32}`,
    params: filter.extend({
      limit: z.number().int(),
      beforeAt: z.string().optional(),
      beforeSequence: z.string().optional(),
    }),
    row,
    maxSeconds: 10,
  });
  const total = tenantQuery({
    name: "run.events.count",
    sql: `SELECT count() AS found FROM (SELECT 1 FROM run_events WHERE ${clauses.join(" AND ")} LIMIT {cap:UInt32})`,
    params: filter.extend({ cap: z.number().int() }),
    row: z.object({ found: zCount }),
    maxSeconds: 10,
  });
  const [rows, counted] = await Promise.all([
    page(
      scope,
      {
        ...common,
        limit: input.limit + 1,
        ...(beforeAt === undefined ? {} : { beforeAt: clickHouseTime(beforeAt), beforeSequence }),
      },
      db,
    ),
    total(scope, { ...common, cap: COUNT_CAP + 1 }, db),
  ]);
  const shown = rows.slice(0, input.limit);
  const last = shown.at(-1);
  const found = counted[0]?.found ?? 0;
  return {
    asOf: new Date().toISOString(),
    rows: shown,
    matching: { count: Math.min(found, COUNT_CAP), capped: found > COUNT_CAP },
    older:
      rows.length > input.limit && last !== undefined
        ? encodeCursor([last.at, last.sequence])
        : null,
  };
}
