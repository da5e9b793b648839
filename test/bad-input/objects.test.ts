import { gzipSync } from "node:zlib";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { CanonicalStore, StoredObject } from "@/server/canonical/canonical-store";

import { LoadBench, balances, ndjson } from "../support/load";
import { STORE_KINDS, type StoreFixture } from "../support/store-fixture";

/** When somebody meddles with an object that a run is about to take in. */
interface Meddling {
  /** Keys, and what is done to them once they were listed. */
  readonly afterListing: Map<string, () => Promise<void>>;
  /** … and just before they are read. */
  readonly beforeReading: Map<string, () => Promise<void>>;
}

function meddledWith(
  { store }: StoreFixture,
  { afterListing, beforeReading }: Meddling,
): CanonicalStore {
  const meddle = async (moment: Meddling["afterListing"], key: string): Promise<void> => {
    const act = moment.get(key);
    moment.delete(key);
    await act?.();
  };
  return new Proxy(store, {
    get(target, property) {
      if (property === "list") {
        return async (prefix: string): Promise<StoredObject[]> => {
          const objects = await target.list(prefix);
          for (const { key } of objects) await meddle(afterListing, key);
          return objects;
        };
      }
      if (property === "isWhole") {
        return async (object: StoredObject): Promise<boolean> => {
          const isWhole = await target.isWhole(object);
          await meddle(beforeReading, object.key);
          return isWhole;
        };
      }
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

describe.each(STORE_KINDS)("in a store of kind %s,", (kind) => {
  let bench: LoadBench;
  const meddling: Meddling = { afterListing: new Map(), beforeReading: new Map() };
  beforeAll(async () => {
    bench = await LoadBench.open({ kind, wrap: (fixture) => meddledWith(fixture, meddling) });
  });
  afterAll(async () => bench.close());

  const TABLE = "companies";
  const REMEDY =
    "Land it again, whole and under a new key, or land it again under this key and start a bulk load.";

  function company(id: string, more: object = {}): Record<string, unknown> {
    return { company_id: id, company_name: "Contoso", status: "Active", ...more };
  }

  function stamped(name: string, ending: string): string {
    return `${name}-20240301T000000Z-1.${ending}`;
  }

  function idsOf(history: readonly Record<string, unknown>[]): unknown[] {
    return history.map((row) => row["company_id"]);
  }

  /** Records enough that a cut takes place in the middle of them, past the first block of a reader. */
  const MANY = Array.from({ length: 5_000 }, (_, index) =>
    company(`lost ${index}`, {
      company_name: `${(index * 7919) % 10_007} Ltd`,
      zip: String(index),
    }),
  );

  /** MANY as a SELECT. */
  const MANY_ROWS =
    "SELECT concat('lost ', toString(number)) AS company_id, concat(toString(cityHash64(number)), ' Ltd') AS company_name, 'Active' AS status FROM numbers(5000)";

  async function cut(key: string, share: number): Promise<void> {
    const whole = await bench.objects.read(key);
    await bench.objects.put(key, whole.subarray(0, Math.floor(whole.length * share)));
  }

  /** Overwrites some bytes in the middle. */
  async function damage(key: string): Promise<void> {
    const content = Buffer.from(await bench.objects.read(key));
    content.fill(0xa5, Math.floor(content.length / 2), Math.floor(content.length / 2) + 64);
    await bench.objects.put(key, content);
  }

  interface Unreadable {
    readonly title: string;
    readonly name: string;
    /** Lands the object. */
    readonly land: (tenantId: string, name: string) => Promise<unknown>;
    /** What is wrong, in words. */
    readonly reason: RegExp;
  }

  const UNREADABLE: readonly Unreadable[] = [
    {
      title: "a gzip cut short",
      name: stamped("cut", "ndjson.gz"),
      land: async (tenantId, name) => {
        const whole = gzipSync(ndjson(MANY));
        return bench.land(tenantId, TABLE, name, whole.subarray(0, whole.length / 2));
      },
      reason: /^The gzip data is damaged or cut short\./,
    },
    {
      title: "a CSV in a gzip cut short",
      name: stamped("cut", "csv.gz"),
      land: async (tenantId, name) => {
        const lines = MANY.map(
          (one) => `${String(one["company_id"])},Contoso,Active,${Math.sin(1)}`,
        );
        const whole = gzipSync(`company_id,company_name,status,zip\n${lines.join("\n")}\n`);
        return bench.land(tenantId, TABLE, name, whole.subarray(0, whole.length - 9));
      },
      reason: /^The gzip data is damaged or cut short\./,
    },
    {
      title: "text under a name that says gzip",
      name: stamped("text", "ndjson.gz"),
      land: async (tenantId, name) => bench.land(tenantId, TABLE, name, MANY),
      reason: /^The gzip data is damaged or cut short\./,
    },
    {
      title: "a Zstandard object cut short",
      name: stamped("cut", "ndjson.zst"),
      land: async (tenantId, name) =>
        cut(await bench.landSelect(tenantId, TABLE, name, "JSONEachRow", MANY_ROWS), 0.6),
      reason: /^The zstd data is damaged or cut short\./,
    },
    {
      title: "a damaged Zstandard object",
      name: stamped("damaged", "ndjson.zst"),
      land: async (tenantId, name) =>
        damage(await bench.landSelect(tenantId, TABLE, name, "JSONEachRow", MANY_ROWS)),
      reason: /^The zstd data is damaged or cut short\./,
    },
    {
      title: "a Parquet cut short",
      name: stamped("cut", "parquet"),
      land: async (tenantId, name) =>
        cut(await bench.landSelect(tenantId, TABLE, name, "Parquet", MANY_ROWS), 0.6),
      reason: /^The Parquet data is damaged or cut short\./,
    },
    {
      title: "a Parquet without a byte",
      name: stamped("nothing", "parquet"),
      land: async (tenantId, name) => bench.land(tenantId, TABLE, name, ""),
      reason: /^The Parquet data is damaged or cut short\./,
    },
    {
      title: "text under a name that says Parquet",
      name: stamped("text", "parquet"),
      land: async (tenantId, name) => bench.land(tenantId, TABLE, name, MANY),
      reason: /^The Parquet data is damaged or cut short\./,
    },
    {
      title: "a Parquet with a list where one value belongs",
      name: stamped("list", "parquet"),
      land: async (tenantId, name) =>
        bench.landSelect(
          tenantId,
          TABLE,
          name,
          "Parquet",
          "SELECT 'lost' AS company_id, 'Contoso' AS company_name, 'Active' AS status, ['Ulm', 'Bonn'] AS city",
        ),
      reason: /column city .* Array/,
    },
    {
      title: "a CSV whose rows are shorter than its header",
      name: stamped("short", "csv"),
      land: async (tenantId, name) =>
        bench.land(tenantId, TABLE, name, "company_id,company_name,status\nlost,Contoso\n"),
      reason: /^The object cannot be read: .*expected ','.* \(at row 1\)/,
    },
  ];

  describe("objects that cannot be read", () => {
    it("fail alone, each with a reason and a remedy, and nothing half of them is loaded", async () => {
      const tenantId = await bench.tenant();
      const good = ["ndjson", "csv", "ndjson.gz"].map((ending) => stamped("good", ending));
      await bench.land(tenantId, TABLE, good[0] ?? "", [company("plain")]);
      await bench.land(
        tenantId,
        TABLE,
        good[1] ?? "",
        "company_id,company_name,status\ncsv,Contoso,Active\n",
      );
      await bench.land(tenantId, TABLE, good[2] ?? "", gzipSync(ndjson([company("packed")])));
      await bench.landSelect(
        tenantId,
        TABLE,
        stamped("good", "parquet"),
        "Parquet",
        "SELECT 'parquet' AS company_id, 'Contoso' AS company_name, 'Active' AS status",
      );
      for (const { land, name } of UNREADABLE) await land(tenantId, name);

      const run = await bench.load(tenantId, TABLE);

      const letters = new Map(
        (await bench.deadLetters(tenantId)).map((letter) => [letter.object_key, letter]),
      );
      for (const { title, name, reason } of UNREADABLE) {
        const letter = letters.get(`${tenantId}/canonical/${TABLE}/${name}`);
        expect({ title, ...letter }).toMatchObject({
          title,
          kind: "object",
          table_name: TABLE,
          source_row: 0,
          cause: "object unreadable",
          status: "open",
        });
        expect(letter?.errors).toHaveLength(1);
        const message = letter?.errors[0]?.message ?? "";
        expect({ title, message }).toMatchObject({ title, message: expect.stringMatching(reason) });
        expect(message.endsWith(REMEDY)).toBe(true);
        expect(message).not.toMatch(/DB::|Exception|in file|\(version|SELECT/);
      }
      expect(letters.size).toBe(UNREADABLE.length);
      expect(run).toMatchObject({ status: "partial", read: 4, new: 4, rejected: 0 });
      expect(run.error).toBe(
        `companies: ${UNREADABLE.length} objects could not be taken in; see the dead letters.`,
      );
      expect(balances(run)).toBe(true);
      expect(idsOf(await bench.history(tenantId, TABLE))).toEqual([
        "csv",
        "packed",
        "parquet",
        "plain",
      ]);
      expect(await bench.complaints(tenantId, TABLE)).toEqual([]);

      // A failed object stays put aside until it is another one; what comes after it is loaded.
      await bench.land(tenantId, TABLE, stamped("next", "ndjson"), [company("next")]);
      expect(await bench.load(tenantId, TABLE)).toMatchObject({
        status: "succeeded",
        read: 1,
        new: 1,
      });
      await bench.land(tenantId, TABLE, stamped("cut", "ndjson.gz"), gzipSync(ndjson(MANY)));
      expect(await bench.load(tenantId, TABLE)).toMatchObject({ status: "succeeded", new: 5_000 });
    });
  });

  describe("an empty object", () => {
    it("of any format is an object with no rows", async () => {
      const tenantId = await bench.tenant();
      const header = "company_id,company_name,status\n";
      const empty: Record<string, string | Buffer> = {
        ndjson: "",
        jsonl: "\n\n  \r\n",
        json: "",
        csv: "",
        "csv.gz": gzipSync(header),
        "ndjson.gz": gzipSync(""),
        "jsonl.gz": "",
      };
      for (const [ending, content] of Object.entries(empty)) {
        await bench.land(tenantId, TABLE, stamped(`empty ${ending}`, ending), content);
      }
      await bench.land(tenantId, TABLE, stamped("header", "csv"), header);
      for (const [ending, format] of [
        ["parquet", "Parquet"],
        ["ndjson.zst", "JSONEachRow"],
      ] as const) {
        const none = "SELECT 'x' AS company_id WHERE 0";
        await bench.landSelect(tenantId, TABLE, stamped("none", ending), format, none);
      }
      await bench.land(tenantId, TABLE, stamped("good", "ndjson"), [company("good")]);

      const run = await bench.load(tenantId, TABLE);

      expect(await bench.deadLetters(tenantId)).toEqual([]);
      expect(run).toMatchObject({ status: "succeeded", error: "", read: 1, new: 1 });
      expect(await bench.load(tenantId, TABLE)).toMatchObject({ status: "succeeded", read: 0 });
    });
  });

  describe.concurrent("an object under a key that was loaded", () => {
    const name = stamped("changes", "ndjson");

    it("with other content is refused with its remedy, and a bulk load takes it", async () => {
      const tenantId = await bench.tenant();
      const key = await bench.land(tenantId, TABLE, name, [company("7", { city: "Ulm" })]);
      await bench.load(tenantId, TABLE);
      const before = await bench.history(tenantId, TABLE);

      await bench.land(
        tenantId,
        TABLE,
        name,
        [company("7", { city: "Bonn" })],
        new Date("2024-04-01"),
      );
      await bench.land(tenantId, TABLE, stamped("other", "ndjson"), [company("8")]);
      const run = await bench.load(tenantId, TABLE);

      expect(run).toMatchObject({ status: "partial", read: 1, new: 1 });
      expect(await bench.deadLetters(tenantId)).toMatchObject([
        {
          kind: "object",
          object_key: key,
          cause: "object replaced",
          errors: [
            {
              message:
                "Another content lies under the key of an object that was loaded. Objects are immutable; the history keeps " +
                "what was loaded. Land the correction under a new key, or start a bulk load, which takes the store as it is.",
            },
          ],
        },
      ]);
      const after = await bench.history(tenantId, TABLE);
      expect(after.filter((row) => row["company_id"] === "7")).toEqual(before);

      const reload = await bench.load(tenantId, TABLE, "bulk");
      expect(reload).toMatchObject({ status: "succeeded", read: 2, new: 2, versions: 2 });
      expect(await bench.history(tenantId, TABLE)).toMatchObject([
        { city: "Bonn" },
        { city: null },
      ]);
      expect(await bench.deadLetters(tenantId)).toMatchObject([{ status: "superseded" }]);
      expect(await bench.load(tenantId, TABLE)).toMatchObject({ status: "succeeded", read: 0 });
    });

    it("with the same content and a new time is no replacement", async () => {
      const tenantId = await bench.tenant();
      await bench.land(tenantId, TABLE, name, [company("7")]);
      await bench.load(tenantId, TABLE);
      await bench.land(tenantId, TABLE, name, [company("7")], new Date("2024-04-01"));
      expect(await bench.load(tenantId, TABLE)).toMatchObject({ status: "succeeded", read: 0 });
      expect(await bench.deadLetters(tenantId)).toEqual([]);
    });
  });

  describe.concurrent("an object that was loaded and is gone", () => {
    it("stays in the history until a bulk load takes the store as it is", async () => {
      const tenantId = await bench.tenant();
      const key = await bench.land(tenantId, TABLE, stamped("gone", "ndjson"), [company("gone")]);
      const kept = await bench.land(tenantId, TABLE, stamped("here", "ndjson"), [company("here")]);
      await bench.load(tenantId, TABLE);
      await bench.objects.remove(key);
      expect(await bench.load(tenantId, TABLE)).toMatchObject({ status: "succeeded", current: 2 });

      expect(await bench.load(tenantId, TABLE, "bulk")).toMatchObject({ read: 1, current: 1 });
      expect(idsOf(await bench.history(tenantId, TABLE))).toEqual(["here"]);
      await bench.land(tenantId, TABLE, stamped("gone", "ndjson"), [company("gone")]);
      expect(await bench.load(tenantId, TABLE)).toMatchObject({ read: 1, new: 1, current: 2 });

      await bench.objects.remove(key);
      await bench.objects.remove(kept);
      expect(await bench.load(tenantId, TABLE, "bulk")).toMatchObject({
        status: "succeeded",
        read: 0,
        versions: 0,
      });
      expect(await bench.history(tenantId, TABLE)).toEqual([]);
      expect(await bench.deadLetters(tenantId)).toEqual([]);
    });
  });

  describe.concurrent("an object that vanishes", () => {
    it.each(["between listing and reading", "just before it is read"])(
      "%s fails alone, and is taken in when it is back",
      async (when) => {
        const tenantId = await bench.tenant();
        const name = stamped("gone", "ndjson");
        const key = await bench.land(tenantId, TABLE, name, [company("gone")]);
        await bench.land(tenantId, TABLE, stamped("here", "ndjson"), [company("here")]);
        const moment = when.startsWith("between") ? meddling.afterListing : meddling.beforeReading;
        moment.set(key, () => bench.objects.remove(key));

        const run = await bench.load(tenantId, TABLE);

        expect(run).toMatchObject({ status: "partial", read: 1, new: 1 });
        expect(run.error).toBe("companies: 1 object could not be taken in; see the dead letters.");
        expect(await bench.deadLetters(tenantId)).toMatchObject([
          {
            kind: "object",
            object_key: key,
            cause: "object vanished",
            errors: [
              {
                message: `The object was listed but is gone. Objects are immutable and stay where they are. ${REMEDY}`,
              },
            ],
          },
        ]);
        expect(idsOf(await bench.history(tenantId, TABLE))).toEqual(["here"]);

        await bench.land(tenantId, TABLE, name, [company("gone")]);
        expect(await bench.load(tenantId, TABLE)).toMatchObject({ status: "succeeded", new: 1 });
        expect(idsOf(await bench.history(tenantId, TABLE))).toEqual(["gone", "here"]);
      },
    );

    it("when it is the only one leaves the table as it was", async () => {
      const tenantId = await bench.tenant();
      const key = await bench.land(tenantId, TABLE, stamped("gone", "parquet"), "PAR1");
      meddling.afterListing.set(key, () => bench.objects.remove(key));
      expect(await bench.load(tenantId, TABLE)).toMatchObject({ status: "partial", read: 0 });
      expect(await bench.deadLetters(tenantId)).toMatchObject([{ cause: "object vanished" }]);
      expect(await bench.history(tenantId, TABLE)).toEqual([]);
    });
  });

  describe.concurrent("an object that is replaced", () => {
    it.each(["between listing and reading", "just before it is read"])(
      "%s is left out, and taken in as it is by the next increment",
      async (when) => {
        const tenantId = await bench.tenant();
        const name = stamped("changed", "ndjson");
        const key = await bench.land(tenantId, TABLE, name, [company("before")]);
        await bench.land(tenantId, TABLE, stamped("here", "ndjson"), [company("here")]);
        const moment = when.startsWith("between") ? meddling.afterListing : meddling.beforeReading;
        moment.set(key, () =>
          bench.objects.put(key, Buffer.from(ndjson([company("after the change")]))),
        );

        const run = await bench.load(tenantId, TABLE);

        expect(run).toMatchObject({ status: "partial", read: 1, new: 1 });
        expect(await bench.deadLetters(tenantId)).toMatchObject([
          {
            kind: "object",
            object_key: key,
            cause: "object replaced",
            errors: [
              { message: expect.stringMatching(/^The object was replaced while it was read/) },
            ],
          },
        ]);
        expect(idsOf(await bench.history(tenantId, TABLE))).toEqual(["here"]);

        expect(await bench.load(tenantId, TABLE)).toMatchObject({ status: "succeeded", new: 1 });
        expect(idsOf(await bench.history(tenantId, TABLE))).toEqual(["after the change", "here"]);
      },
    );
  });

  describe.concurrent("a key", () => {
    it("outside the scheme is reported with the rule it breaks, and the rest is loaded", async () => {
      const tenantId = await bench.tenant();
      const outside: Record<string, RegExp> = {
        "notes.txt": /does not end in \.parquet, \.ndjson, \.jsonl, \.json or \.csv/,
        "dump.parquet.bz2": /does not end in/,
        "a*b.ndjson": /one of the characters \* \? \{ \} \[ \] \\ ,/,
        "a{1,2}b.ndjson": /one of the characters/,
        "line\nbreak.ndjson": /a control character/,
        "changes-20240230T000000Z-1.ndjson": /the stamp 20240230T000000Z in its name is not a time/,
        "full/today/part-1.ndjson": /a folder named by the extract's UTC stamp/,
        "full/part-1.ndjson": /a folder named by the extract's UTC stamp/,
      };
      for (const name of Object.keys(outside)) {
        await bench.land(tenantId, TABLE, name, [company("lost")]);
      }
      const odd =
        'deep/er/it\'s 100% "fine"; DROP TABLE companies_scd; $x ä-20240301T000000Z-1.ndjson';
      await bench.land(tenantId, TABLE, odd, [company("odd key")]);
      await bench.land(tenantId, TABLE, "half-written.ndjson.tmp", "half");
      await bench.land(tenantId, TABLE, ".hidden", "nothing");

      const run = await bench.load(tenantId, TABLE);

      expect(run).toMatchObject({ status: "partial", read: 1, new: 1 });
      expect(idsOf(await bench.history(tenantId, TABLE))).toEqual(["odd key"]);
      const letters = new Map(
        (await bench.deadLetters(tenantId)).map((letter) => [letter.object_key, letter]),
      );
      for (const [name, reason] of Object.entries(outside)) {
        const letter = letters.get(`${tenantId}/canonical/${TABLE}/${name}`);
        expect(letter).toMatchObject({ kind: "object", cause: "object outside", status: "open" });
        const message = letter?.errors[0]?.message ?? "";
        expect(message).toMatch(reason);
        expect(message).toMatch(
          /^The key is outside the scheme of the store: .*\. Land the object under a key of the scheme\.$/,
        );
      }
      expect(letters.size).toBe(Object.keys(outside).length);
    });

    it("without a stamp has the time it was last modified", async () => {
      const tenantId = await bench.tenant();
      const modified = new Date("2024-03-05T06:07:08.000Z");
      await bench.land(tenantId, TABLE, "snapshot.json", [company("7")], modified);
      await bench.load(tenantId, TABLE);
      expect(await bench.history(tenantId, TABLE)).toMatchObject([
        { effective_start_date: "2024-03-05T06:07:08.000Z" },
      ]);
    });
  });

  describe.concurrent("a table nobody knows", () => {
    it("in the store is reported, and the tables that are known are loaded", async () => {
      const tenantId = await bench.tenant();
      await bench.land(tenantId, "invoices", stamped("changes", "ndjson"), [{ invoice_id: 1 }]);
      await bench.land(tenantId, "'; DROP TABLE runs; --", stamped("x", "ndjson"), [{ id: 1 }]);
      await bench.land(tenantId, TABLE, stamped("changes", "ndjson"), [company("7")]);

      const run = await bench.load(tenantId, TABLE);

      expect(run).toMatchObject({ status: "succeeded", new: 1 });
      const letters = await bench.deadLetters(tenantId);
      expect(letters).toMatchObject([
        { kind: "object", table_name: "'; DROP TABLE runs; --", cause: "object unknown-table" },
        { kind: "object", table_name: "invoices", cause: "object unknown-table" },
      ]);
      expect(letters[1]?.errors[0]?.message).toBe(
        "No table of the name invoices is known, so nothing under it is read. There are companies, contacts, tickets, " +
          "time_entries. Land the objects under one of them, or add the table to the catalogue.",
      );
      expect((await bench.events(run.run_id)).map(({ event }) => event)).toContain("unknown_table");
    });

    it("asked for by name fails the run in words", async () => {
      const tenantId = await bench.tenant();
      const run = await bench.load(tenantId, "invoices");
      expect(run).toMatchObject({ status: "failed", read: 0 });
      expect(run.error).toContain("There is no table invoices.");
      expect(run.error).toContain("companies, contacts, tickets, time_entries");
    });
  });
});
