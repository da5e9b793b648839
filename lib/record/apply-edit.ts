import type { Entity } from "@/lib/catalog";
import { fieldText, readJsonFields, writeJsonFields } from "./json-fields";
import { type RecordText, editableFields } from "./record-schema";

/** What to set on a record, by field: a text, or null to take the value away. What is not named stays as it was. */
export type RecordEdit = Readonly<Record<string, string | null>>;

/** A rejected record: as it was delivered, where anything may be in it, and the object that it came in. */
export interface Delivered {
  readonly raw: string;
  readonly objectKey: string;
}

/** A record of Parquet or CSV has every value as text, `true` among them; in JSON only `true` itself marks a delete (R7). */
function isColumnar(objectKey: string): boolean {
  return /\.(?:parquet|csv)(?:\.(?:gz|zst))?$/.test(objectKey);
}

function fieldsOf({ raw, objectKey }: Delivered): Map<string, string> {
  const fields = new Map(readJsonFields(raw));
  const marker = fields.get("_deleted");
  if (marker !== undefined)
    fields.set("_deleted", String(marker === (isColumnar(objectKey) ? '"true"' : "true")));
  return fields;
}

/**
 * A record as the texts that a form shows.
 *
 * @returns every field that can be edited, null where the record has none; all null where it is no JSON object
 */
export function recordText(entity: Entity, delivered: Delivered): RecordText {
  const fields = fieldsOf(delivered);
  return Object.fromEntries(
    editableFields(entity).map((name) => {
      const json = fields.get(name);
      return [name, json === undefined ? null : fieldText(json)];
    }),
  );
}

/**
 * The record with the edit in it, as one JSON object on one line. What the edit does not name keeps the spelling that it
 * came in, unknown fields too. A record that is no JSON object is made of the edit alone; without an edit it stays as it is.
 */
export function applyEdit(delivered: Delivered, edit: RecordEdit): string {
  if (Object.keys(edit).length === 0 && readJsonFields(delivered.raw) === undefined)
    return delivered.raw;
  const fields = fieldsOf(delivered);
  for (const [name, value] of Object.entries(edit))
    fields.set(name, name === "_deleted" ? String(value === "true") : JSON.stringify(value));
  return writeJsonFields(fields);
}

/** What of a form differs from the record it was filled from. */
export function editOf(before: RecordText, after: RecordText): RecordEdit {
  return Object.fromEntries(
    Object.entries(after).filter(([name, value]) => value !== (before[name] ?? null)),
  );
}
