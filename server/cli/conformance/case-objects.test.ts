import { describe, expect, it } from "vitest";
import { parseObjectName, tablePrefix } from "@/server/canonical/object-key";
import { caseDeliveries, caseObjects } from "./case-objects";
import type { ConformanceBatch, ConformanceCase } from "./conformance-case";

const AT = "2024-03-04T00:00:00Z";

function batch(mode: ConformanceBatch["mode"], ids: string[], at = AT): ConformanceBatch {
  return { mode, tenant_id: "t1", at, records: ids.map((id) => ({ company_id: id })) };
}

function caseOf(...batches: ConformanceBatch[]): ConformanceCase {
  return { id: "x", title: "", table: "companies", batches, expected: [] };
}

const shortKeys = (objects: readonly { key: string }[]) =>
  objects.map(({ key }) => key.replace("t1/canonical/companies/", ""));

describe("caseDeliveries", () => {
  it("gives a batch one object whose key the store reads", () => {
    const testCase = caseOf(
      batch("incremental", ["1", "2"], "2024-03-04T06:00:00.140Z"),
      batch("full", ["1"]),
    );
    const objects = caseObjects(testCase);
    expect(shortKeys(objects)).toEqual([
      "changes-20240304T060000140Z-0000.ndjson",
      "full/20240304T000000000Z/part-0001.ndjson",
      "full/20240304T000000000Z/_SUCCESS",
    ]);
    expect(objects[0]?.body).toBe('{"company_id":"1"}\n{"company_id":"2"}\n');
    for (const { key, stamp, extract } of objects) {
      const parsed = parseObjectName(key.slice(tablePrefix("t1", "companies").length));
      expect(parsed).toMatchObject(
        key.endsWith("_SUCCESS")
          ? { kind: "extract-complete", extractAt: extract }
          : { kind: "data", stamp },
      );
    }
  });

  it("completes an extract with the last of its batches, whatever the order", () => {
    const testCase = caseOf(
      batch("full", ["1"]),
      batch("full", ["2"]),
      batch("incremental", ["3"]),
    );
    const given = caseDeliveries(testCase).map(shortKeys);
    expect(given[0]).toEqual(["full/20240304T000000000Z/part-0000.ndjson"]);
    expect(given[1]).toEqual([
      "full/20240304T000000000Z/part-0001.ndjson",
      "full/20240304T000000000Z/_SUCCESS",
    ]);
    const turned = caseDeliveries(testCase, {}, [2, 1, 0]).map(shortKeys);
    expect(turned[1]).toEqual(["full/20240304T000000000Z/part-0001.ndjson"]);
    expect(turned[2]).toEqual([
      "full/20240304T000000000Z/part-0000.ndjson",
      "full/20240304T000000000Z/_SUCCESS",
    ]);
  });

  it("lets keys sort as the batches of one stamp are listed, extracts among them", () => {
    const mixes = [
      [batch("incremental", ["1"]), batch("full", ["1"]), batch("incremental", ["1"])],
      [
        batch("full", ["1"]),
        batch("full", ["2"]),
        batch("incremental", ["1"]),
        batch("incremental", ["2"]),
      ],
      [batch("incremental", ["1"]), batch("incremental", ["1"]), batch("full", ["1"])],
    ];
    for (const mix of mixes) {
      for (const perRecord of [false, true]) {
        const keys = caseObjects(caseOf(...mix), { perRecord })
          .map(({ key }) => key)
          .filter((key) => !key.endsWith("_SUCCESS"));
        expect(keys.toSorted()).toEqual(keys);
      }
    }
  });

  it("splits into one object per record, each a delivery of its own", () => {
    const testCase = caseOf(batch("full", ["1", "2"]), batch("incremental", []));
    expect(caseDeliveries(testCase, { perRecord: true }).map(shortKeys)).toEqual([
      ["full/20240304T000000000Z/part-00000000.ndjson"],
      ["full/20240304T000000000Z/part-00000001.ndjson", "full/20240304T000000000Z/_SUCCESS"],
      ["later-20240304T000000000Z-0001.ndjson"],
    ]);
  });

  it("delivers an extract that lists nothing as its marker alone", () => {
    expect(shortKeys(caseObjects(caseOf(batch("full", []))))).toEqual([
      "full/20240304T000000000Z/_SUCCESS",
    ]);
  });

  it("names the tenant as asked, and says which batch is missing", () => {
    const [object] = caseObjects(caseOf(batch("incremental", ["1"])), {
      tenantId: (tenant) => `case-7-${tenant}`,
    });
    expect(object?.key.startsWith("case-7-t1/canonical/companies/")).toBe(true);
    expect(object?.tenantId).toBe("case-7-t1");
    expect(() => caseDeliveries(caseOf(), {}, [0])).toThrow("x has no batch 0");
  });
});
