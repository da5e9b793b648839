"use client";

import { IconButton } from "@/components/ui/button";
import { InputField, TextareaField } from "@/components/ui/field";
import type { Column, Entity } from "@/lib/catalog";
import { plural } from "@/lib/format";
import { type RecordText, editableFields } from "@/lib/record/record-schema";
import { formatIsoUtc } from "@/lib/time";

const LONG_CHARACTERS = 80;

const TYPE_WORDS: Readonly<Record<Column["type"], string>> = {
  text: "Text",
  decimal: "Number, rounded to 2 digits behind the point",
  integer: "Whole number from 0 to 4294967295",
  datetime: "ISO 8601, UTC where no offset is given",
};

/** The fields of a record, made from the catalogue: those with errors first, the rest folded. */
export function RecordForm({
  entity,
  values,
  faults,
  first,
  onChange,
}: {
  entity: Entity;
  values: RecordText;
  /** What is wrong with each field as it stands. */
  faults: Readonly<Record<string, string>>;
  /** Fields that were faulty when the record was opened; they stay where they are while they are mended. */
  first: readonly string[];
  onChange: (field: string, value: string | null) => void;
}) {
  const fields = editableFields(entity);
  const shown = fields.filter((name) => first.includes(name));
  const rest = fields.filter((name) => !first.includes(name));
  const draw = (name: string) => (
    <Field
      key={name}
      name={name}
      help={helpOf(entity, name, values[name] ?? null)}
      value={values[name] ?? null}
      error={faults[name]}
      onChange={(value) => onChange(name, value)}
    />
  );
  return (
    <div className="grid gap-3 px-4 pb-3">
      {shown.map(draw)}
      <details open={shown.length === 0 || rest.some((name) => faults[name] !== undefined)}>
        <summary className="type-small cursor-pointer py-1 font-medium text-accent max-sm:min-h-11">
          {shown.length === 0 ? plural(rest.length, "field") : `${rest.length} other fields`}
        </summary>
        <div className="grid gap-3 pt-2">{rest.map(draw)}</div>
      </details>
    </div>
  );
}

function helpOf(entity: Entity, name: string, value: string | null): string {
  if (name === entity.idColumn) return "The record's id";
  if (name === "_deleted") return "true: the record is a delete marker and needs its id alone";
  const column = entity.columns.find((one) => one.name === name);
  const type = name === "last_updated" ? "datetime" : (column?.type ?? "text");
  const words = `${TYPE_WORDS[type]}${column?.required ? ", required" : ""}`;
  if (name === "last_updated" && (value ?? "") === "")
    return `${words}. Without it: the object's stamp`;
  return type === "datetime" ? `${words}${echo(value)}` : words;
}

/** A time as it will be understood. */
function echo(value: string | null): string {
  const text = (value ?? "").trim();
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return "";
  const isZoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(text) || text.length === 10;
  const at = Date.parse(isZoned ? text.replace(" ", "T") : `${text.replace(" ", "T")}Z`);
  return Number.isNaN(at) ? "" : `. Echoes ${formatIsoUtc(at)}`;
}

function Field({
  name,
  help,
  value,
  error,
  onChange,
}: {
  name: string;
  help: string;
  value: string | null;
  error: string | undefined;
  onChange: (value: string | null) => void;
}) {
  const shared = {
    label: name,
    monoLabel: true,
    mono: true,
    help,
    error: error === undefined ? undefined : `${name} ${error}`,
    value: value ?? "",
    placeholder: value === null ? "NULL" : undefined,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
    className: "min-w-0 flex-1",
  };
  return (
    <div className="flex items-start gap-1">
      {value !== null && (value.length > LONG_CHARACTERS || value.includes("\n")) ? (
        <TextareaField {...shared} rows={4} />
      ) : (
        <InputField {...shared} autoComplete="off" spellCheck={false} />
      )}
      <span className="pt-5.5">
        {value === null ? (
          <span className="block size-6" />
        ) : (
          <IconButton icon="x" label={`Set ${name} to NULL`} onClick={() => onChange(null)} />
        )}
      </span>
    </div>
  );
}
