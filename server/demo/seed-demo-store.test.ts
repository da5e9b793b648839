import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { catalog, type Column, tableNames } from "@/lib/catalog";
import { decimalText, millisecondsOf } from "@/test/support/oracle";
import { keysIn, readStored, type StoredObject } from "@/test/support/read-store";
import type { DemoTenant } from "./demo-tenants";
import { landDemoIncrement } from "./land-demo-increment";
import { seedDemoStore } from "./seed-demo-store";

const NOW = new Date("2026-11-22T18:42:10Z");
const KEY =
  /^([a-z0-9-]+)\/canonical\/(\w+)\/(?:full\/(\d{8}T\d{6}Z)\/(?:part-\d{4}\.json\.gz|_SUCCESS)|[\w-]+-(\d{8}T\d{6}Z)-\d+\.(?:ndjson|jsonl|json|csv)(?:\.gz|\.zst)?)$/;

const made: string[] = [];

function newStore(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "avesa-demo-"));
  made.push(folder);
  return folder;
}

function fingerprint(storeDir: string): string {
  const hash = createHash("sha256");
  for (const key of keysIn(storeDir))
    hash.update(key).update(readFileSync(path.join(storeDir, key)));
  return hash.digest("hex");
}

function stampOf(key: string): number {
  const [, , , full, increment] = KEY.exec(key) ?? [];
  const stamp = full ?? increment ?? "";
  return Date.parse(
    stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"),
  );
}

/** Whether a value breaks a rule that validation knows. */
function isBad(column: Column, value: unknown): boolean {
  if (value === null || value === undefined || value === "") return column.required === true;
  try {
    if (column.type === "decimal") decimalText(String(value), 2);
    if (column.type === "integer") return !/^\d+$/.test(String(value));
    if (column.type === "datetime")
      return Number.isNaN(millisecondsOf(String(value))) || !isDate(String(value));
  } catch {
    return true;
  }
  return column.format === "email" && !/^[^\s@;()]+@[^\s@;()]+\.[a-z]+$/.test(String(value));
}

/** Dates such as 30 February and times such as 24:75 have the form but are none. */
function isDate(text: string): boolean {
  const shown = text.slice(0, 16).replace(" ", "T");
  const read = new Date(`${shown}Z`);
  return !Number.isNaN(read.getTime()) && read.toISOString().slice(0, 16) === shown;
}

afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

describe("seedDemoStore", () => {
  let store = "";
  let objects: StoredObject[] = [];
  let tenants: DemoTenant[] = [];

  beforeAll(async () => {
    store = newStore();
    tenants = await seedDemoStore(store, { seed: 1, now: NOW });
    objects = keysIn(store)
      .filter((key) => !key.endsWith("_SUCCESS"))
      .map((key) => readStored(store, key));
  }, 60_000);

  const of = (tenantId: string, table: string): StoredObject[] =>
    objects.filter(({ key }) => key.startsWith(`${tenantId}/canonical/${table}/`));
  const ticketHistories = (tenantId: string): Record<string, unknown>[][] => {
    const histories = new Map<string, Record<string, unknown>[]>();
    for (const record of of(tenantId, "tickets").flatMap(({ records }) => records)) {
      const id = String(record["ticket_id"]);
      if (id !== "") histories.set(id, [...(histories.get(id) ?? []), record]);
    }
    for (const history of histories.values()) {
      history.sort((a, b) => String(a["last_updated"]).localeCompare(String(b["last_updated"])));
    }
    return [...histories.values()];
  };

  it("describes the tenants it has landed", () => {
    expect(tenants.map(({ tenantId, source, timeZone }) => [tenantId, source, timeZone])).toEqual([
      ["bergmann-it", "connectwise", "Europe/Berlin"],
      ["harbor-point", "servicenow", "America/New_York"],
      ["fjordtech", "salesforce", "Europe/Oslo"],
    ]);
  });

  it("names every object as the store wants it, and none after now", () => {
    const keys = keysIn(store);
    expect(keys.filter((key) => !KEY.test(key))).toEqual([]);
    expect(keys.filter((key) => stampOf(key) > NOW.getTime())).toEqual([]);
    expect(existsSync(path.join(store, ".seeding"))).toBe(false);
  });

  it("lands a bulk load of some seconds over two years, with every table fresh", () => {
    const total = objects.reduce((sum, { records }) => sum + records.length, 0);
    expect(total).toBeGreaterThan(60_000);
    expect(total).toBeLessThan(90_000);
    for (const tenantId of ["bergmann-it", "harbor-point", "fjordtech"]) {
      for (const table of tableNames) {
        const stamps = of(tenantId, table).map(({ key }) => stampOf(key));
        expect(NOW.getTime() - Math.max(...stamps)).toBeLessThan(31 * 60_000);
        expect(NOW.getTime() - Math.min(...stamps)).toBeGreaterThan(690 * 86_400_000);
      }
    }
  });

  it("has a few per cent of records that break a rule, each of a kind validation knows", () => {
    for (const tenantId of ["bergmann-it", "harbor-point", "fjordtech"]) {
      const counts = tableNames.map((table) => {
        const entity = catalog[table];
        const records = of(tenantId, table).flatMap((object) => object.records);
        const bad = records.filter(
          (record) =>
            record["_deleted"] !== true &&
            entity &&
            (!record[entity.idColumn] ||
              entity.columns.some((column) => isBad(column, record[column.name]))),
        );
        return { read: records.length, bad: bad.length };
      });
      const share =
        counts.reduce((sum, { bad }) => sum + bad, 0) /
        counts.reduce((sum, { read }) => sum + read, 0);
      expect(share).toBeGreaterThan(0.004);
      expect(share).toBeLessThan(0.04);
    }
  });

  it("has one torn line and one object that is cut off", () => {
    expect(
      objects.filter(({ tornLines }) => tornLines.length > 0).map(({ key }) => key.split("/")[2]),
    ).toEqual(["tickets"]);
    expect(objects.filter(({ readable }) => !readable).map(({ key }) => key.split("/")[2])).toEqual(
      ["time_entries"],
    );
  });

  it("tells the lives of tickets: most closed, some reopened, urgency changed, hours that only grow", () => {
    for (const tenantId of ["bergmann-it", "harbor-point", "fjordtech"]) {
      const histories = ticketHistories(tenantId);
      const statuses = histories.map((history) =>
        history.map((record) => record["status"]).filter((status) => status),
      );
      const share = (holds: (at: number) => boolean) =>
        histories.filter((_, at) => holds(at)).length / histories.length;
      expect(share((at) => statuses[at]?.at(-1) === "Closed")).toBeGreaterThan(0.85);
      expect(share((at) => statuses[at]?.at(-1) !== "Closed")).toBeGreaterThan(0.01);
      expect(
        share((at) => (statuses[at] ?? []).join().includes("Resolved,In Progress")),
      ).toBeGreaterThan(0.03);
      expect(
        share((at) => new Set(histories[at]?.map((record) => record["priority"] ?? "")).size > 1),
      ).toBeGreaterThan(0.03);
      const falling = share((at) => {
        const hours = (histories[at] ?? [])
          .map((record) => Number(record["actual_hours"]))
          .filter((value) => value >= 0);
        return hours.some((value, place) => value < (hours[place - 1] ?? 0));
      });
      // Two states within one minute of the source's clock can stand in either order here.
      expect(falling).toBeLessThan(tenantId === "harbor-point" ? 0.15 : 0.01);
    }
  });

  it("has deletes, late records, repeated records and letters beyond ASCII", () => {
    const all = objects.flatMap(({ key, records }) => records.map((record) => ({ key, record })));
    expect(all.filter(({ record }) => record["_deleted"] === true).length).toBeGreaterThan(150);
    const recent = all.filter(
      ({ key }) => stampOf(key) > NOW.getTime() - 12 * 86_400_000 && !key.includes("/full/"),
    );
    const late = recent.filter(
      ({ key, record }) =>
        stampOf(key) - millisecondsOf(String(record["last_updated"])) > 3 * 86_400_000,
    );
    expect(late.length).toBeGreaterThan(3);
    const tickets = of("bergmann-it", "tickets").flatMap(({ records }) => records);
    const states = new Set(
      tickets.map((record) => `${String(record["ticket_id"])} ${String(record["last_updated"])}`),
    );
    expect(tickets.length - states.size).toBeGreaterThan(300);
    expect(JSON.stringify(tickets)).toMatch(/[äöüß]/);
    expect(JSON.stringify(of("fjordtech", "tickets"))).toMatch(/[åøæ]/);
  });

  it("has complete extracts of one tenant's companies, in which some are gone", () => {
    const extracts = of("fjordtech", "companies").filter(({ key }) => key.includes("/full/"));
    expect(extracts.length).toBeGreaterThan(100);
    for (const { key } of extracts)
      expect(existsSync(path.join(store, path.dirname(key), "_SUCCESS"))).toBe(true);
    const lists = extracts.map(
      ({ records }) => new Set(records.map((record) => record["company_id"])),
    );
    const gone = lists.flatMap((list, at) =>
      [...(lists[at - 1] ?? [])].filter((id) => !list.has(id)),
    );
    expect(gone.length).toBeGreaterThan(0);
    expect(objects.filter(({ key }) => key.includes("/full/")).length).toBe(extracts.length);
  });

  it("leaves tenants that are there and mends what a seeding cut short left out", async () => {
    const before = keysIn(store, "harbor-point");
    rmSync(path.join(store, "fjordtech"), { recursive: true });
    await seedDemoStore(store, { seed: 1, now: NOW });
    expect(keysIn(store, "harbor-point")).toEqual(before);
    expect(keysIn(store, "fjordtech").length).toBeGreaterThan(300);
  }, 60_000);
});

describe("the seed", () => {
  it("decides every byte, together with now", async () => {
    const [first, second, other, later] = [newStore(), newStore(), newStore(), newStore()];
    const tenantIds = ["fjordtech"];
    await seedDemoStore(first, { seed: 7, now: NOW, tenantIds });
    await seedDemoStore(second, { seed: 7, now: NOW, tenantIds });
    await seedDemoStore(other, { seed: 8, now: NOW, tenantIds });
    await seedDemoStore(later, { seed: 7, now: new Date("2027-03-01T09:00:00Z"), tenantIds });
    expect(fingerprint(second)).toBe(fingerprint(first));
    expect(fingerprint(other)).not.toBe(fingerprint(first));
    expect(Math.max(...keysIn(later).map(stampOf))).toBe(Date.parse("2027-03-01T09:00:00Z"));
  }, 60_000);
});

describe("landDemoIncrement", () => {
  it("carries on from what the store holds, the same way each time", async () => {
    const [store, twin] = [newStore(), newStore()];
    const at = (minute: number) => new Date(NOW.getTime() - 10_000 + minute * 60_000);
    for (const folder of [store, twin])
      await seedDemoStore(folder, { now: NOW, tenantIds: ["fjordtech"] });
    const seeded = new Set(keysIn(store));

    for (const minute of [15, 30, 45]) {
      const keys = await landDemoIncrement(store, "fjordtech", at(minute));
      expect(await landDemoIncrement(twin, "fjordtech", at(minute))).toEqual(keys);
      expect(keys.filter((key) => !KEY.test(key) || stampOf(key) !== at(minute).getTime())).toEqual(
        [],
      );
      expect(keys.map((key) => key.split("/")[2])).toEqual(
        expect.arrayContaining(["tickets", "time_entries"]),
      );
    }
    expect(fingerprint(twin)).toBe(fingerprint(store));

    const ticketsIn = (keys: string[]) =>
      keys
        .filter((key) => key.includes("/tickets/"))
        .flatMap((key) => readStored(store, key).records);
    const known = new Set(ticketsIn([...seeded]).map((record) => record["ticket_id"]));
    const landed = ticketsIn(keysIn(store).filter((key) => !seeded.has(key)));
    const fresh = landed.filter((record) => !known.has(record["ticket_id"]));
    expect(landed.length).toBeGreaterThan(8);
    expect(fresh.length).toBeGreaterThan(2);
    expect(landed.length).toBeGreaterThan(fresh.length);
    const times = landed.map((record) => millisecondsOf(String(record["last_updated"])));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(NOW.getTime() - 10_000);
    expect(Math.max(...times)).toBeLessThanOrEqual(at(45).getTime());
  }, 60_000);

  it("never replaces an object, and says what it needs", async () => {
    const store = newStore();
    await expect(landDemoIncrement(store, "fjordtech", NOW)).rejects.toThrow(
      "seed the demo store first",
    );
    await expect(landDemoIncrement(store, "nobody", NOW)).rejects.toThrow(
      "nobody is not a demo tenant",
    );
    await seedDemoStore(store, { now: NOW, tenantIds: ["fjordtech"] });
    const at = new Date(NOW.getTime() + 60_000);
    await landDemoIncrement(store, "fjordtech", at);
    await expect(landDemoIncrement(store, "fjordtech", at)).rejects.toThrow("has landed already");
  }, 60_000);
});
