import { describe, expect, it } from "vitest";
import { catalog, entityOf } from "@/lib/catalog";
import { applyEdit, editOf, recordText } from "./apply-edit";
import { readJsonFields, writeJsonFields } from "./json-fields";
import { editableFields, MESSAGES, recordFaults } from "./record-schema";

function requireEntity(name: string) {
  const entity = entityOf(name);
  if (entity === undefined) throw new Error(`The catalogue has no ${name}.`);
  return entity;
}

const ndjson = "acme/canonical/tickets/a-20260101T000000Z-1.ndjson";
const tickets = requireEntity("tickets");

describe("the fields of a JSON object", () => {
  it("keep the spelling of numbers, nested values and blanks in text", () => {
    const text =
      '{ "a" : 1.10, "b":{"c":[1,"}"]}, "d,\\"e": "x, y: {z}", "n": null, "big":123456789012345678901 }';
    expect([...(readJsonFields(text) ?? [])]).toEqual([
      ["a", "1.10"],
      ["b", '{"c":[1,"}"]}'],
      ['d,"e', '"x, y: {z}"'],
      ["n", "null"],
      ["big", "123456789012345678901"],
    ]);
  });

  it("are none where the text is no JSON object", () => {
    for (const text of ["", "[1]", "7", '"a"', "null", "{", '{"a":1'])
      expect(readJsonFields(text)).toBeUndefined();
    expect([...(readJsonFields(" {} ") ?? [["x"]])]).toEqual([]);
  });

  it("take the last value of a key that stands twice, and come back as one line", () => {
    const fields = readJsonFields('{"a":1,\n"a":\n[2,\n3]}');
    expect(writeJsonFields(fields ?? new Map())).toBe('{"a":[2, 3]}');
  });
});

describe("an edit", () => {
  const raw = '{"ticket_id":"7","budget_hours":1.10,"extra":{"x":1},"status":null}';

  it("sets what it names and leaves everything else as it was written", () => {
    expect(applyEdit({ raw, objectKey: ndjson }, { status: 'o"pen', summary: null })).toBe(
      '{"ticket_id":"7","budget_hours":1.10,"extra":{"x":1},"status":"o\\"pen","summary":null}',
    );
  });

  it("is what a form has changed", () => {
    const before = recordText(tickets, { raw, objectKey: ndjson });
    expect(before).toMatchObject({
      ticket_id: "7",
      budget_hours: "1.10",
      status: null,
      summary: null,
    });
    expect(editOf(before, { ...before, status: "open" })).toEqual({ status: "open" });
    expect(editOf(before, before)).toEqual({});
  });

  it("makes a record of its own where none could be read, and leaves it without an edit", () => {
    const broken = { raw: "{not json", objectKey: ndjson };
    expect(applyEdit(broken, { ticket_id: "9" })).toBe('{"ticket_id":"9"}');
    expect(applyEdit(broken, {})).toBe("{not json");
  });

  it("knows a delete marker by the format that the record came in", () => {
    const csv = {
      raw: '{"ticket_id":"7","_deleted":"true"}',
      objectKey: ndjson.replace("ndjson", "csv.gz"),
    };
    expect(applyEdit(csv, {})).toBe('{"ticket_id":"7","_deleted":true}');
    expect(recordText(tickets, csv)["_deleted"]).toBe("true");
    expect(recordText(tickets, { ...csv, objectKey: ndjson })["_deleted"]).toBe("false");
    expect(applyEdit({ raw: '{"ticket_id":"7"}', objectKey: ndjson }, { _deleted: "true" })).toBe(
      '{"ticket_id":"7","_deleted":true}',
    );
  });
});

describe("the schema of a record", () => {
  it("comes from the catalogue: every column of every table has a place in the form", () => {
    for (const entity of Object.values(catalog))
      expect(editableFields(entity)).toEqual([
        entity.idColumn,
        ...entity.columns.map((column) => column.name),
        "last_updated",
        "_deleted",
      ]);
  });

  it("says what is wrong field by field", () => {
    expect(
      recordFaults(tickets, {
        ticket_id: "",
        status: null,
        budget_hours: "1,75",
        actual_hours: "10000000000000000",
        closed_date: "2024-02-30",
        last_updated: "yesterday",
      }),
    ).toEqual({
      ticket_id: MESSAGES.noId,
      status: MESSAGES.missing,
      budget_hours: MESSAGES.number,
      actual_hours: MESSAGES.largeNumber,
      closed_date: MESSAGES.time,
      last_updated: MESSAGES.time,
    });
  });

  it("asks of a delete marker for its id alone", () => {
    expect(recordFaults(tickets, { ticket_id: "7", _deleted: "true", status: null })).toEqual({});
    expect(recordFaults(tickets, { ticket_id: "7", status: "", closed_date: "" })).toEqual({});
  });
});
