import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { type Db, createDb } from "@/server/clickhouse/client";
import { zCount, zDigits, zFlag, zInstant } from "@/server/clickhouse/columns";
import type { ClickHouseConnection } from "@/server/clickhouse/connection";
import { ClickHouseError } from "@/server/clickhouse/error";
import { testDb, type TestDb } from "@/test/support/clickhouse";
import { until } from "@/test/support/until";

let test: TestDb;
let db: Db;

beforeAll(async () => {
  test = await testDb();
  db = test.db;
});
afterAll(() => test.close());

async function failure(work: Promise<unknown>): Promise<ClickHouseError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ClickHouseError) return error;
    throw error;
  }
  throw new Error("It did not fail.");
}

function runningNamed(name: string): Promise<number> {
  return db
    .row(
      {
        name: "test.running",
        sql: "SELECT count() AS running FROM system.processes WHERE Settings['log_comment'] = {name:String}",
        params: { name },
      },
      z.object({ running: zCount }),
    )
    .then((row) => row.running);
}

/** A connection to an address where something else than ClickHouse is. */
function elsewhere(url: string): ClickHouseConnection {
  return {
    url,
    username: "nobody",
    password: "a password",
    database: "default",
    reader: { username: "nobody", password: "a password" },
    embedded: false,
    status: { state: "ready", restarts: 0 },
    ready: () => Promise.resolve(),
    onStatus: () => () => {},
    close: () => Promise.resolve(),
  };
}

describe("values", () => {
  it("come back as what they are", async () => {
    const row = await db.row(
      {
        name: "test.values",
        sql: `SELECT toUInt64(18446744073709551615) AS digits, toInt64(-7) AS count, true AS yes, toUInt8(0) AS no,
          toDecimal64('12.50', 2) AS money, toDateTime64('2024-03-01 10:00:00.123456', 6, 'UTC') AS fine,
          toDateTime('2024-03-01 10:00:00', 'UTC') AS coarse, CAST(NULL AS Nullable(String)) AS nothing`,
      },
      z.object({
        digits: zDigits,
        count: zCount,
        yes: zFlag,
        no: zFlag,
        money: z.string(),
        fine: zInstant,
        coarse: zInstant,
        nothing: z.string().nullable(),
      }),
    );
    expect(row).toEqual({
      digits: "18446744073709551615",
      count: -7,
      yes: true,
      no: false,
      money: "12.5",
      fine: "2024-03-01T10:00:00.123Z",
      coarse: "2024-03-01T10:00:00.000Z",
      nothing: null,
    });
  });

  it("are bound, whatever is in them", async () => {
    const nasty = [
      "'; DROP TABLE x; --",
      "\\",
      "a\nb\tc\r",
      "%_{x:String}",
      "NULL",
      "ü𝄞",
      "",
      "\u0001",
      "q".repeat(300_000),
    ];
    for (const value of nasty) {
      const row = await db.row(
        {
          name: "test.bind",
          sql: "SELECT {value:String} AS value, {list:Array(String)} AS list",
          params: { value, list: [value] },
        },
        z.object({ value: z.string(), list: z.array(z.string()) }),
      );
      expect(row).toEqual({ value, list: [value] });
    }
  });

  it("are inserted, and an unknown column is an error", async () => {
    await db.command({
      name: "test.table",
      sql: "CREATE TABLE inserted (id UInt64, at DateTime64(3, 'UTC'), note Nullable(String), extra String DEFAULT 'd') ENGINE = Memory",
    });
    const rows = [
      { id: 1, at: "2024-03-01T10:00:00.000Z", note: "a\n'b'" },
      { id: "18446744073709551615", at: "2024-03-01T10:00:00.001Z", note: null },
    ];
    const result = await db.insert("inserted", rows);
    expect(result.writtenRows).toBe(2);
    const read = await db.rows(
      { name: "test.read", sql: "SELECT * FROM inserted ORDER BY id" },
      z.object({ id: zDigits, at: zInstant, note: z.string().nullable(), extra: z.string() }),
    );
    expect(read).toEqual(rows.map((row) => ({ ...row, id: String(row.id), extra: "d" })));
    expect((await failure(db.insert("inserted", [{ id: 3, colour: "red" }]))).code).toBeGreaterThan(
      0,
    );
    expect((await db.insert("inserted", [])).writtenRows).toBe(0);
  });

  it("of another shape than expected are an error that does not quote them", async () => {
    const error = await failure(
      db.rows(
        { name: "test.shape", sql: "SELECT 'hush' AS secret" },
        z.object({ secret: z.number() }),
      ),
    );
    expect(error.type).toBe("UNEXPECTED_ROW");
    expect(error.message).not.toContain("hush");
    await expect(
      db.row(
        { name: "test.two", sql: "SELECT 1 AS x UNION ALL SELECT 2" },
        z.object({ x: z.number() }),
      ),
    ).rejects.toThrow(ClickHouseError);
    expect(
      await db.maybeRow(
        { name: "test.none", sql: "SELECT 1 AS x WHERE false" },
        z.object({ x: z.number() }),
      ),
    ).toBeUndefined();
  });
});

describe("results", () => {
  it("say what was read and written", async () => {
    await db.command({
      name: "test.table",
      sql: "CREATE TABLE counted (x UInt64) ENGINE = Memory",
    });
    const result = await db.command({
      name: "test.fill",
      sql: "INSERT INTO counted SELECT number FROM numbers(12345)",
    });
    expect(result).toMatchObject({ readRows: 12_345, writtenRows: 12_345 });
    expect(result.elapsedMs).toBeGreaterThan(0);
    expect(result.queryId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("stream byte by byte", async () => {
    const stream = await db.stream({
      name: "test.stream",
      sql: "SELECT number FROM numbers(3) FORMAT CSV",
    });
    expect(await text(stream)).toBe("0\n1\n2\n");
  });

  it("that break off midway do not look whole", async () => {
    const stream = await db.stream({
      name: "test.broken-stream",
      sql: "SELECT number, throwIf(number = 3000000) FROM numbers(5000000) FORMAT CSV",
    });
    const error = await failure(text(stream));
    expect(error.type).toBe("INCOMPLETE_ANSWER");
  });

  it("that nobody reads any more are stopped on the server", async () => {
    const stream = await db.stream({
      name: "test.left",
      sql: "SELECT number FROM system.numbers FORMAT CSV",
    });
    await once(stream, "readable");
    stream.destroy();
    expect(stream.readableEnded).toBe(false);
    await until("the statement has ended", async () => (await runningNamed("test.left")) === 0);
  });
});

describe("a statement", () => {
  it("that is aborted ends on the server before the caller hears of it", async () => {
    const abort = new AbortController();
    const work = failure(
      db.command({
        name: "test.abort",
        sql: "SELECT count() FROM system.numbers FORMAT Null",
        signal: abort.signal,
      }),
    );
    await until("it runs", async () => (await runningNamed("test.abort")) === 1);
    abort.abort();
    expect(await work).toMatchObject({
      type: "CANCELLED",
      transient: false,
      statement: "test.abort",
    });
    expect(await runningNamed("test.abort")).toBe(0);
  });

  it("does not begin when it was aborted before", async () => {
    const error = await failure(
      db.command({ name: "test.late", sql: "SELECT 1", signal: AbortSignal.abort() }),
    );
    expect(error.type).toBe("CANCELLED");
  });

  it("that takes longer than its limit is ended, and may be tried again", async () => {
    const error = await failure(
      db.command({
        name: "test.slow",
        sql: "SELECT count() FROM system.numbers FORMAT Null",
        timeoutMs: 300,
      }),
    );
    expect(error).toMatchObject({ type: "TIMED_OUT", transient: true });
    expect(await runningNamed("test.slow")).toBe(0);
  });

  it("gives the server a limit of its own, a little later", async () => {
    const row = await db.row(
      {
        name: "test.limit",
        sql: "SELECT getSetting('max_execution_time') AS seconds",
        timeoutMs: 20_000,
      },
      z.object({ seconds: z.coerce.number() }),
    );
    expect(row.seconds).toBe(25);
  });
});

describe("an error", () => {
  it("tells the kind, and neither SQL nor data", async () => {
    const error = await failure(
      db.rows(
        {
          name: "test.sql",
          sql: "SELECT toUInt8({x:String}) AS hidden_name",
          params: { x: "confidential" },
        },
        z.unknown(),
      ),
    );
    expect(error).toMatchObject({
      type: "CANNOT_PARSE_TEXT",
      code: 6,
      transient: false,
      statement: "test.sql",
    });
    for (const shown of [error.message, JSON.stringify(error), String(error)]) {
      expect(shown).not.toMatch(/hidden_name|confidential|SELECT/);
    }
    expect(error.detail).toContain("confidential");
  });

  it("that comes late in a long answer is still an error", async () => {
    const error = await failure(
      db.rows(
        { name: "test.tail", sql: "SELECT throwIf(number = 900000) AS x FROM numbers(1000000)" },
        z.object({ x: z.number() }),
      ),
    );
    expect(error.code).toBe(395);
  });

  it("of a lack of memory passes", async () => {
    const error = await failure(
      db.command({
        name: "test.memory",
        sql: "SELECT groupArray(number) FROM numbers(100000000) FORMAT Null",
        settings: { max_memory_usage: "20000000" },
      }),
    );
    expect(error).toMatchObject({ code: 241, type: "MEMORY_LIMIT_EXCEEDED", transient: true });
  });

  it("of an address where nobody listens passes", async () => {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    const lost = createDb(elsewhere(`http://127.0.0.1:${port}`));
    expect(await failure(lost.command({ name: "test.refused", sql: "SELECT 1" }))).toMatchObject({
      type: "CONNECTION_FAILED",
      transient: true,
    });
    expect(await lost.ping()).toBe(false);
    await lost.close();
  });

  it("page of something else than ClickHouse passes, and is not shown", async () => {
    const server = createServer((_, response) =>
      response.writeHead(502).end("<html>proxy at 10.1.2.3</html>"),
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const proxied = createDb(
      elsewhere(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
    const error = await failure(proxied.command({ name: "test.proxy", sql: "SELECT 1" }));
    expect(error).toMatchObject({ type: "HTTP_ERROR", transient: true });
    expect(error.message).not.toContain("10.1.2.3");
    await proxied.close();
    server.close();
  });
});

describe("the reading account", () => {
  it("reads with limits of its own, and writes nothing", async () => {
    const reader = db.asReader();
    await db.command({
      name: "test.table",
      sql: "CREATE TABLE readable ENGINE = Memory AS SELECT 7 AS x",
    });
    expect(
      await reader.row(
        { name: "test.reader", sql: "SELECT x FROM readable" },
        z.object({ x: z.number() }),
      ),
    ).toEqual({ x: 7 });
    for (const sql of [
      "INSERT INTO readable VALUES (1)",
      "DROP TABLE readable",
      "SELECT * FROM file('/etc/hosts', LineAsString) FORMAT Null",
    ]) {
      expect([164, 497]).toContain(
        (await failure(reader.command({ name: "test.reader", sql }))).code,
      );
    }
    await reader.close();
  });
});
