import { describe, expect, it } from "vitest";
import { entityOf } from "@/lib/catalog";
import { caseDiff } from "@/server/cli/conformance/case-diff";
import { caseDeliveries, caseObjects } from "@/server/cli/conformance/case-objects";
import type { ConformanceCase } from "@/server/cli/conformance/conformance-case";
import { conformanceCases } from "./conformance-cases";
import {
  decimalText,
  expectedHistory,
  millisecondsOf,
  type OracleEntity,
  type OracleObject,
} from "./oracle";

const cases = conformanceCases();

function differences(testCase: ConformanceCase, objects: readonly OracleObject[]): string[] {
  const entity = entityOf(testCase.table);
  if (!entity) throw new Error(`the catalogue has no ${testCase.table}`);
  return caseDiff(testCase, entity.idColumn, expectedHistory(entity, objects));
}

describe.skipIf(!cases)(
  `the oracle gives what each case expects${cases ? "" : " (skipped: no conformance cases)"}`,
  () => {
    it.each(cases ?? [])("$id", (testCase) => {
      expect(differences(testCase, caseObjects(testCase))).toEqual([]);
    });

    it("also with one object per record, delivered backwards", () => {
      for (const testCase of cases ?? []) {
        const backwards = testCase.batches.map((_, index) => index).toReversed();
        const objects = caseDeliveries(testCase, { perRecord: true }, backwards).flat();
        expect({ case: testCase.id, differences: differences(testCase, objects) }).toEqual({
          case: testCase.id,
          differences: [],
        });
      }
    });
  },
);

describe("expectedHistory", () => {
  const entity: OracleEntity = {
    idColumn: "id",
    columns: [
      { name: "id", type: "text" },
      { name: "status", type: "text" },
      { name: "hours", type: "decimal" },
    ],
  };
  const object = (stamp: string, key: string, records: unknown[], full = false): OracleObject => ({
    tenantId: "acme",
    stamp: Date.parse(stamp),
    key,
    records,
    ...(full ? { extract: Date.parse(stamp) } : {}),
  });
  const record = (day: number, status: string, more: object = {}) => ({
    id: "1",
    last_updated: `2024-03-0${day}`,
    status,
    ...more,
  });
  const statesOf = (objects: OracleObject[]) =>
    (expectedHistory(entity, objects).get("acme") ?? []).map((row) => [
      row["status"],
      String(row["effective_start_date"]).slice(8, 10),
      row["effective_end_date"] === null ? null : String(row["effective_end_date"]).slice(8, 10),
    ]);

  it("puts a late record into its place in the past", () => {
    const first = object("2024-03-04T00:00:00Z", "a", [record(1, "A"), record(3, "A")]);
    const late = object("2024-03-05T00:00:00Z", "b", [record(2, "B")]);
    expect(statesOf([first])).toEqual([["A", "01", null]]);
    expect(statesOf([late, first])).toEqual([
      ["A", "01", "02"],
      ["B", "02", "03"],
      ["A", "03", null],
    ]);
  });

  it("lets the greatest stamp, then key, then row win an instant", () => {
    const rows = object("2024-03-04T00:00:00Z", "a", [record(1, "A"), record(1, "B")]);
    const key = object("2024-03-04T00:00:00Z", "b", [record(1, "C")]);
    const stamp = object("2024-03-05T00:00:00Z", "a", [record(1, "D")]);
    expect(statesOf([rows])).toEqual([["B", "01", null]]);
    expect(statesOf([key, rows])).toEqual([["C", "01", null]]);
    expect(statesOf([stamp, key, rows])).toEqual([["D", "01", null]]);
  });

  it("leaves a gap for an absence and ends an older record at it", () => {
    const first = object("2024-03-02T00:00:00Z", "a", [record(1, "A")]);
    const extract = object("2024-03-04T00:00:00Z", "full", [], true);
    const late = object("2024-03-06T00:00:00Z", "b", [record(3, "B"), record(5, "C")]);
    expect(statesOf([extract, late, first])).toEqual([
      ["A", "01", "03"],
      ["B", "03", "04"],
      ["C", "05", null],
    ]);
  });

  it("brings an entity back when an extract lists it with an old time", () => {
    const first = object("2024-03-02T00:00:00Z", "a", [record(1, "A")]);
    const empty = object("2024-03-03T00:00:00Z", "full/3", [], true);
    const refilled = object("2024-03-05T00:00:00Z", "full/5", [record(1, "A")], true);
    expect(statesOf([first, empty, refilled])).toEqual([
      ["A", "01", "03"],
      ["A", "05", null],
    ]);
  });

  it("gives the columns in catalogue order and decimals as text", () => {
    const [row] = expectedHistory(entity, [
      object("2024-03-02T00:00:00Z", "a", [record(1, "A", { hours: 1.005 })]),
    ]).get("acme") ?? [{}];
    expect(JSON.stringify(row)).toBe(
      '{"id":"1","status":"A","hours":"1.01","effective_start_date":"2024-03-01T00:00:00.000Z","effective_end_date":null,"is_current":true}',
    );
  });
});

describe("values", () => {
  it.each([
    ["12.345", "12.35"],
    ["-12.345", "-12.35"],
    ["-0.004", "0.00"],
    ["1.005e2", "100.50"],
    ["1e3", "1000.00"],
    ["5e-3", "0.01"],
    [".5", "0.50"],
    ["99999999999999.994", "99999999999999.99"],
  ])("rounds %s to %s", (text, shown) => {
    expect(decimalText(text, 2)).toBe(shown);
  });

  it.each([
    ["2024-03-01", "2024-03-01T00:00:00.000Z"],
    ["2024-03-01 10:00:00", "2024-03-01T10:00:00.000Z"],
    ["2024-03-01T10:00:00.9999Z", "2024-03-01T10:00:00.999Z"],
    ["1969-12-31T23:59:59.9Z", "1969-12-31T23:59:59.900Z"],
    ["2024-03-01T01:30:00+02:00", "2024-02-29T23:30:00.000Z"],
    ["2024-03-01T22:00:00-0330", "2024-03-02T01:30:00.000Z"],
  ])("reads %s as %s", (text, shown) => {
    expect(new Date(millisecondsOf(text)).toISOString()).toBe(shown);
  });
});
