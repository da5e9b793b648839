import { describe, expect, it } from "vitest";
import { entityOf } from "@/lib/catalog";
import { parseObjectName, tablePrefix } from "@/server/canonical/object-key";
import { expectedHistory, millisecondsOf } from "./oracle";
import { randomStream, randomStreams, type RandomStream } from "./random-streams";

const streams = randomStreams(300, 1);

type Rec = Record<string, unknown>;

function recordsOf(stream: RandomStream): Rec[] {
  return stream.objects.flatMap(({ records }) => records as Rec[]);
}

function rowsOf(stream: RandomStream) {
  const entity = entityOf(stream.table);
  if (!entity) throw new Error(`the catalogue has no ${stream.table}`);
  return { entity, rows: expectedHistory(entity, stream.objects).get(stream.tenantId) ?? [] };
}

/** How many of the streams have the property at least once. */
function share(holds: (stream: RandomStream) => boolean): number {
  return streams.filter(holds).length;
}

function observations(stream: RandomStream) {
  const { entity } = rowsOf(stream);
  return stream.objects.flatMap((object) =>
    (object.records as Rec[]).map((record) => ({
      object,
      record,
      id: String(record[entity.idColumn]),
      time: record["last_updated"] ? millisecondsOf(String(record["last_updated"])) : object.stamp,
    })),
  );
}

describe("randomStream", () => {
  it("gives the same stream for the same seed, another for another", () => {
    expect(randomStream(42, "acme")).toEqual(randomStream(42, "acme"));
    expect(randomStream(43, "acme")).not.toEqual(randomStream(42, "acme"));
  });

  it("lands every object that counts, and the marker of every extract", () => {
    for (const { objects, runs } of streams) {
      const landed = new Set(runs.flat().map(({ key }) => key));
      const needed = objects.flatMap(({ key, extract }) =>
        extract === undefined ? [key] : [key, `${key.replace(/[^/]*$/, "")}_SUCCESS`],
      );
      expect(needed.filter((key) => !landed.has(key))).toEqual([]);
    }
  });

  it("gives every object a key that says its stamp and its extract", () => {
    for (const { objects, tenantId, table } of streams) {
      const prefix = tablePrefix(tenantId, table);
      const parsed = objects.map(({ key }) => parseObjectName(key.slice(prefix.length)));
      expect(parsed).toEqual(
        objects.map(({ key, stamp, extract }) => {
          if (key.endsWith("_SUCCESS")) return { kind: "extract-complete", extractAt: extract };
          return {
            kind: "data",
            format: "ndjson",
            stamp,
            ...(extract === undefined ? {} : { extractAt: extract }),
          };
        }),
      );
    }
  });

  it("lands bodies that hold the records of their objects", () => {
    for (const stream of streams) {
      const bodies = new Map(stream.runs.flat().map(({ key, body }) => [key, body]));
      for (const { key, records } of stream.objects) {
        const lines = (bodies.get(key) ?? "").split("\n").filter((line) => line !== "");
        expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
          JSON.parse(JSON.stringify(records)),
        );
      }
    }
  });

  it("leaves nothing to land before a run that lands nothing", () => {
    expect(share(({ runs }) => runs.some((run) => run.length === 0))).toBe(0);
  });

  it("often has what is rare in life", () => {
    const ties = share((stream) => {
      const seen = observations(stream).map(({ id, time }) => JSON.stringify([id, time]));
      return new Set(seen).size < seen.length;
    });
    const late = share((stream) =>
      observations(stream).some(({ time, object }) => time < object.stamp),
    );
    const gaps = share((stream) => {
      const { entity, rows } = rowsOf(stream);
      return rows.some((row, at) => {
        const next = rows[at + 1];
        return (
          next?.[entity.idColumn] === row[entity.idColumn] &&
          next?.["effective_start_date"] !== row["effective_end_date"]
        );
      });
    });
    const versions = share(
      (stream) =>
        rowsOf(stream).rows.length > rowsOf(stream).rows.filter((row) => row["is_current"]).length,
    );
    const partsOf = (stream: RandomStream) =>
      stream.objects.filter(({ extract }) => extract !== undefined);

    expect(ties).toBeGreaterThan(150);
    expect(late).toBeGreaterThan(200);
    expect(gaps).toBeGreaterThan(40);
    expect(versions).toBeGreaterThan(150);
    expect(
      share((stream) => recordsOf(stream).some((record) => record["_deleted"] === true)),
    ).toBeGreaterThan(150);
    expect(
      share((stream) => recordsOf(stream).some((record) => !record["last_updated"])),
    ).toBeGreaterThan(150);
    expect(share((stream) => partsOf(stream).length > 0)).toBeGreaterThan(150);
    expect(
      share((stream) => partsOf(stream).some(({ key }) => key.endsWith("part-1.ndjson"))),
    ).toBeGreaterThan(30);
    expect(
      share((stream) => partsOf(stream).some(({ records }) => records.length === 0)),
    ).toBeGreaterThan(10);
    expect(
      share(({ runs, objects }) =>
        runs
          .flat()
          .some(
            ({ key }) =>
              key.includes("/full/") &&
              !key.endsWith("_SUCCESS") &&
              !objects.some((object) => object.key === key),
          ),
      ),
    ).toBeGreaterThan(5);
    expect(share(({ runs }) => runs.length > 2)).toBeGreaterThan(150);
  });

  it("can leave out what a caller does not want", () => {
    const plain = randomStreams(100, 1, { extracts: false, relanding: false, table: "companies" });
    expect(plain.every(({ table }) => table === "companies")).toBe(true);
    expect(
      plain.flatMap(({ objects }) => objects).every(({ extract }) => extract === undefined),
    ).toBe(true);
    const landings = plain.flatMap(({ runs }) => runs.flat().map(({ key }) => key));
    expect(new Set(landings).size).toBe(landings.length);
  });
});
