import { randomBytes } from "node:crypto";

import { ClickHouseError as DriverError } from "@clickhouse/client";
import { describe, expect, it } from "vitest";
import { z } from "zod";

import { type Db, createDb } from "@/server/clickhouse/client";
import { toClickHouseError } from "@/server/clickhouse/error";
import { executeRun } from "@/server/runs/execute-run";
import { findRun } from "@/server/runs/run-store";
import { startRun } from "@/server/runs/start-run";
import { taskErrorOf } from "@/server/runs/task-error";

import { atMoment } from "./support/at-moment";
import { BrokenLink } from "./support/broken-link";
import { testDb } from "./support/clickhouse";
import { leftovers } from "./support/crash";
import { LoadBench } from "./support/load";
import { SmallDisk } from "./support/small-disk";
import { until } from "./support/until";

/** Much more than either needs, for machines that are busy. */
const LIMIT_MS = 120_000;

const NAME = "changes-20250301T010000Z.ndjson";

function ticket(id: number, summary = `Ticket ${id}`): object {
  return {
    ticket_id: `T${id}`,
    status: "open",
    summary,
    source_system: "servicenow",
    source_table: "incident",
    ingestion_timestamp: "2025-03-01T01:30:00Z",
    last_updated: "2025-03-01T01:00:00Z",
  };
}

/** A handle that tells when a statement of this name has failed. */
function watched(db: Db, name: string, onFailure: () => void): Db {
  return new Proxy(db, {
    get(target, key) {
      const own: unknown = Reflect.get(target, key);
      if (typeof own !== "function") return own;
      return (...args: unknown[]): unknown => {
        const result = (own as (...given: unknown[]) => unknown).apply(target, args);
        const isMeant = (args[0] as { name?: string } | undefined)?.name === name;
        if (isMeant && result instanceof Promise) result.catch(onFailure);
        return result;
      };
    },
  });
}

async function tableOf(db: Db, runId: string): Promise<{ status: string; attempt: number }> {
  const row = await db.maybeRow(
    {
      name: "test.run-table",
      params: { run_id: runId },
      sql: "SELECT status, attempt FROM run_tables FINAL WHERE run_id = {run_id:String}",
    },
    z.object({ status: z.string(), attempt: z.number() }),
  );
  return row ?? { status: "", attempt: 0 };
}

describe("ClickHouse out of reach in the middle of a run", () => {
  it(
    "is waited for: the run says that it tries again, and ends well",
    async () => {
      const bench = await LoadBench.open();
      const link = await BrokenLink.to(bench.db.connection);
      const far = createDb(link.connection);
      try {
        const tenantId = await bench.tenant();
        await bench.land(tenantId, "tickets", NAME, [ticket(1), ticket(2)]);
        const { runId } = await startRun(bench.db, {
          tenantId,
          mode: "incremental",
          tables: ["tickets"],
          trigger: "cli",
          requestedBy: "test",
        });
        // It comes back while the run waits for its third attempt.
        let hasFailedAgain = false;
        const met = atMoment(far, { statement: "scd2.stage.insert", when: "before" }, () => {
          link.cut();
        });
        // What the second attempt begins with.
        const db = watched(met, "runs.lost-tasks", () => {
          hasFailedAgain = true;
        });
        // In 1.2, 2.4 and 4.8 s instead of 15, 30 and 60.
        const running = executeRun({ ...bench.context, db, delayScale: 0.08 }, runId);
        await until("a second attempt was made", () => hasFailedAgain, LIMIT_MS);
        link.mend();
        await until(
          "the run says that it waits",
          async () => {
            const { status, attempt } = await tableOf(bench.db, runId);
            return status === "retrying" && attempt === 3;
          },
          LIMIT_MS,
        );
        expect(await running).toEqual({ status: "succeeded" });
        expect(await tableOf(bench.db, runId)).toEqual({ status: "succeeded", attempt: 3 });
        const events = await bench.events(runId);
        expect(
          events.filter(({ event }) => event === "retrying").map(({ message }) => message),
        ).toEqual([
          expect.stringMatching(/ClickHouse cannot be reached.*Retry 1 of 3 in 15 s/),
          expect.stringMatching(/ClickHouse cannot be reached.*Retry 2 of 3 in 30 s/),
        ]);
        expect(await bench.history(tenantId, "tickets")).toHaveLength(2);
        expect(await bench.complaints(tenantId, "tickets")).toEqual([]);
        expect(await bench.deadLetters(tenantId)).toEqual([]);
        expect(await leftovers(bench)).toEqual([]);
      } finally {
        await far.close();
        await link.close();
        await bench.close();
      }
    },
    2 * LIMIT_MS,
  );
});

const DISK_MB = 160;
const ROOM_BYTES = 3 * 1024 * 1024;
const disk = SmallDisk.make(DISK_MB);

describe("a full disk", () => {
  it.each([
    ["243", "NOT_ENOUGH_SPACE", "Cannot reserve 1.00 MiB, not enough space."],
    [
      "75",
      "CANNOT_WRITE_TO_FILE_DESCRIPTOR",
      "Cannot write to file: errno: 28, strerror: No space left on device",
    ],
    ["1001", "STD_EXCEPTION", "filesystem error: in create_directories: No space left on device"],
  ])("is told by its name, whatever reports it: %s", (code, type, message) => {
    const error = toClickHouseError("scd2.stage.insert", new DriverError({ code, type, message }));
    expect(error).toMatchObject({ type: "NOT_ENOUGH_SPACE", transient: false });
    expect(error.message).toMatch(/^The disk of ClickHouse is full/);
    // It is not tried again: the person who must free some space is told at once.
    expect(taskErrorOf(error).name).toBe("NOT_ENOUGH_SPACE");
  });

  it.skipIf(disk === undefined)(
    "fails the run in clear words and publishes nothing",
    async () => {
      const small = disk as SmallDisk;
      const clickHouse = await testDb(small.directory);
      const bench = await LoadBench.open({ clickHouse });
      try {
        const tenantId = await bench.tenant();
        await bench.land(tenantId, "tickets", NAME, [ticket(1)]);
        const before = await bench.load(tenantId, "tickets");
        expect(before.status).toBe("succeeded");
        const history = await bench.history(tenantId, "tickets");

        const wide = Array.from({ length: 2_000 }, (_, index) =>
          ticket(index, randomBytes(3_000).toString("base64")),
        );
        await bench.land(tenantId, "tickets", NAME.replace("T01", "T02"), wide);
        small.fill(ROOM_BYTES);
        const full = await bench.load(tenantId, "tickets");
        expect(full).toMatchObject({ status: "failed", read: 0 });
        expect(full.error).toMatch(
          /The disk of ClickHouse is full; nothing was written\. Free some/,
        );
        expect((await findRun(bench.db, full.run_id))?.finished_at).not.toBeNull();
        expect(await bench.history(tenantId, "tickets")).toEqual(history);
        expect(await bench.complaints(tenantId, "tickets")).toEqual([]);
        expect(await leftovers(bench)).toEqual([]);

        small.empty();
        expect(await bench.load(tenantId, "tickets")).toMatchObject({ status: "succeeded" });
        expect(await bench.history(tenantId, "tickets")).toHaveLength(2_000);
      } finally {
        await bench.close();
        await clickHouse.db.connection.close({ waitForExit: true });
        small.remove();
      }
    },
    2 * LIMIT_MS,
  );
});
