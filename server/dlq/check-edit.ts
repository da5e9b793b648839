import "server-only";
import { entityOf } from "@/lib/catalog";
import type { InputFault } from "@/lib/contracts/problem";
import { type RecordEdit, recordText } from "@/lib/record/apply-edit";
import { editableFields, recordFaults } from "@/lib/record/record-schema";
import type { Db } from "@/server/clickhouse/client";
import { AppError } from "@/server/errors";
import type { TenantScope } from "@/server/tenant-scope";
import { type ChosenLetter, readRaws } from "./chosen-letters";

function refuse(faults: readonly InputFault[]): never {
  const [first] = faults;
  throw new AppError("invalid-input", `${first?.path ?? "edit"}: ${first?.message ?? ""}`, {
    faults,
  });
}

/**
 * Checks an edit before anything is done with it: its fields belong to every chosen table, only open records are edited,
 * and a single record that is edited passes all rules. Of several, those that fail again stay open and say why.
 *
 * @throws AppError `invalid-input` with one fault a field, `conflict`
 */
export async function checkEdit(
  db: Db,
  scope: TenantScope,
  letters: readonly ChosenLetter[],
  edit: RecordEdit,
): Promise<void> {
  const names = Object.keys(edit);
  if (names.length === 0) return;
  const records = letters.filter((letter) => letter.kind === "record");
  const [only] = records;
  if (only === undefined || records.length !== letters.length)
    refuse([{ path: "edit", message: "Only records can be edited." }]);
  for (const tableName of new Set(records.map((letter) => letter.tableName))) {
    const entity = entityOf(tableName);
    const known = new Set(entity === undefined ? [] : editableFields(entity));
    const unknown = names.filter((name) => !known.has(name));
    if (unknown.length > 0)
      refuse(
        unknown.map((name) => ({
          path: `edit.${name}`,
          message: `${tableName} has no such field.`,
        })),
      );
  }
  if (records.some((letter) => letter.status === "replayed")) {
    throw new AppError(
      "conflict",
      "A record that was taken in mended cannot be edited again. Deliver the correction from the source.",
    );
  }
  if (records.length > 1) return;
  const entity = entityOf(only.tableName);
  for await (const { raw, letter } of readRaws(db, scope, records)) {
    if (entity === undefined) return;
    const faults = recordFaults(entity, {
      ...recordText(entity, { raw, objectKey: letter.objectKey }),
      ...edit,
    });
    if (Object.keys(faults).length > 0)
      refuse(Object.entries(faults).map(([name, message]) => ({ path: `edit.${name}`, message })));
  }
}
