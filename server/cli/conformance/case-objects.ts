import type { ConformanceBatch, ConformanceCase } from "./conformance-case";

/** One object of a case, as it lands in the canonical store. */
export interface CaseObject {
  key: string;
  /** NDJSON, one record a line. Empty for `_SUCCESS`. */
  body: string;
  tenantId: string;
  /** ms since the epoch, UTC. */
  stamp: number;
  /** The instant of the full extract that the object belongs to, ms UTC. */
  extract?: number;
  records: readonly Record<string, unknown>[];
}

export interface CaseObjectsOptions {
  /** Names the tenant of the store from the tenant of the case; the default keeps it. */
  tenantId?: (caseTenant: string) => string;
  /** Splits every batch into one object per record. */
  perRecord?: boolean;
}

/** What lands in the store before one run: objects of data first, completion markers after them. */
export type CaseDelivery = readonly CaseObject[];

/**
 * The objects of a case, grouped by the delivery that brings them.
 *
 * Batches that share `at` are ordered by their place in the list (R5 orders them by key), so the
 * place is part of the name. An extract delivered as several batches is one folder, and its
 * `_SUCCESS` lands with whichever of its batches is delivered last: before that it does not count.
 *
 * @param testCase the case; its batches are not changed
 * @param order the indexes of the batches in the order of delivery; by default as listed
 * @returns one delivery for each entry of `order`; with `perRecord`, one for each object
 * @throws when `order` names a batch that the case does not have, or a stamp is not a time
 */
export function caseDeliveries(
  testCase: ConformanceCase,
  options: CaseObjectsOptions = {},
  order: readonly number[] = testCase.batches.map((_, index) => index),
): CaseDelivery[] {
  const lastOfExtract = new Map<string, number>();
  order.forEach((index, position) => {
    const batch = batchAt(testCase, index);
    if (batch.mode === "full")
      lastOfExtract.set(extractFolder(testCase.table, batch, options), position);
  });

  return order.flatMap((index, position) => {
    const batch = batchAt(testCase, index);
    const data = batchObjects(testCase, index, options);
    const folder = extractFolder(testCase.table, batch, options);
    const completes = batch.mode === "full" && lastOfExtract.get(folder) === position;
    const marker = completes ? [successObject(folder, batch, options)] : [];
    if (!options.perRecord || data.length === 0) return [[...data, ...marker]];
    return data.map((object, at) => (at === data.length - 1 ? [object, ...marker] : [object]));
  });
}

/**
 * All objects of a case at once, `_SUCCESS` objects included: the store for one bulk load.
 *
 * @throws as `caseDeliveries`
 */
export function caseObjects(
  testCase: ConformanceCase,
  options: CaseObjectsOptions = {},
): CaseObject[] {
  return caseDeliveries(testCase, options).flat();
}

/** The objects of data of one batch; none for a full extract that lists nothing. */
function batchObjects(
  testCase: ConformanceCase,
  index: number,
  options: CaseObjectsOptions,
): CaseObject[] {
  const batch = batchAt(testCase, index);
  const full = batch.mode === "full";
  const stamp = stampOf(batch);
  const prefix = full
    ? `${extractFolder(testCase.table, batch, options)}part`
    : `${tablePrefix(testCase.table, batch, options)}${incrementName(testCase, index)}-${compactStamp(stamp)}`;

  const object = (place: string, records: CaseObject["records"]): CaseObject => ({
    key: `${prefix}-${place}.ndjson`,
    body: records.map((record) => `${JSON.stringify(record)}\n`).join(""),
    tenantId: tenantOf(batch, options),
    stamp,
    ...(full ? { extract: stamp } : {}),
    records,
  });

  const place = String(index).padStart(4, "0");
  if (full && batch.records.length === 0) return [];
  if (!options.perRecord || batch.records.length === 0) return [object(place, batch.records)];
  return batch.records.map((record, row) =>
    object(`${place}${String(row).padStart(4, "0")}`, [record]),
  );
}

/**
 * Keys of an extract sort at "full/". An increment of the same stamp listed before the extract takes
 * a name that sorts before it, one listed after takes a name that sorts behind.
 */
function incrementName(testCase: ConformanceCase, index: number): string {
  const batch = batchAt(testCase, index);
  const afterExtract = testCase.batches
    .slice(0, index)
    .some(
      (other) =>
        other.mode === "full" &&
        other.tenant_id === batch.tenant_id &&
        stampOf(other) === stampOf(batch),
    );
  return afterExtract ? "later" : "changes";
}

function successObject(
  folder: string,
  batch: ConformanceBatch,
  options: CaseObjectsOptions,
): CaseObject {
  const stamp = stampOf(batch);
  return {
    key: `${folder}_SUCCESS`,
    body: "",
    tenantId: tenantOf(batch, options),
    stamp,
    extract: stamp,
    records: [],
  };
}

function extractFolder(
  table: string,
  batch: ConformanceBatch,
  options: CaseObjectsOptions,
): string {
  return `${tablePrefix(table, batch, options)}full/${compactStamp(stampOf(batch))}/`;
}

function tablePrefix(table: string, batch: ConformanceBatch, options: CaseObjectsOptions): string {
  return `${tenantOf(batch, options)}/canonical/${table}/`;
}

function tenantOf(batch: ConformanceBatch, options: CaseObjectsOptions): string {
  return options.tenantId ? options.tenantId(batch.tenant_id) : batch.tenant_id;
}

function batchAt(testCase: ConformanceCase, index: number): ConformanceBatch {
  const batch = testCase.batches[index];
  if (!batch) throw new Error(`${testCase.id} has no batch ${index}`);
  return batch;
}

function stampOf(batch: ConformanceBatch): number {
  const hasZone = /(Z|[+-]\d\d:?\d\d)$/.test(batch.at) || !batch.at.includes("T");
  const stamp = Date.parse(hasZone ? batch.at : `${batch.at}Z`);
  if (Number.isNaN(stamp)) throw new Error(`not a time: ${batch.at}`);
  return stamp;
}

/** ms UTC as the store writes it in names: 20240304T060000100Z. */
function compactStamp(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[-:.]/g, "");
}
