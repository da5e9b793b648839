import type { Discovery } from "./discover";
import type { BatchObject } from "./stage";

/** The design document's sizing rule: at most this many records, and this many bytes of them, at once. */
export const DEFAULT_SIZING = {
  maxRecords: 50_000,
  maxBytes: 512 * 1024 * 1024,
  /** The document's factor for what a record takes in memory over what it takes in text. */
  safetyFactor: 2,
} as const;

export interface Sizing {
  readonly maxRecords: number;
  readonly maxBytes: number;
  readonly safetyFactor: number;
}

/** What an increment takes at once: objects, and the extracts that its objects complete. */
export interface Batch {
  readonly objects: readonly BatchObject[];
  /** ms UTC. */
  readonly extracts: readonly number[];
}

const TYPICAL_RECORD_BYTES = 600;
const COMPRESSION = 8;

type Sized = Pick<BatchObject, "key" | "format" | "bytes">;

/** Bytes of an object's records as text, guessed from its size and kind. */
function textBytes(object: Sized): number {
  const compressed = object.format === "parquet" || /\.(?:gz|zst)$/.test(object.key);
  return object.bytes * (compressed ? COMPRESSION : 1);
}

/** Records in an object, guessed from its size and what a record of the table took so far. */
export function estimateRecords(object: Sized, recordBytes = TYPICAL_RECORD_BYTES): number {
  return Math.ceil(textBytes(object) / recordBytes);
}

/**
 * Groups what was discovered into batches, in key order. An extract is never divided, for it counts as a whole.
 *
 * @param recordBytes text bytes of one record, sampled from the table
 */
export function planBatches(
  discovery: Pick<Discovery, "objects" | "extracts">,
  sizing: Sizing = DEFAULT_SIZING,
  recordBytes = TYPICAL_RECORD_BYTES,
): Batch[] {
  const units = [
    ...discovery.objects.map((object) => ({ objects: [object], extracts: [] as number[] })),
    ...discovery.extracts.map((extract) => ({
      objects: [...extract.objects],
      extracts: [extract.at],
    })),
  ];
  const batches: { objects: BatchObject[]; extracts: number[]; records: number; bytes: number }[] =
    [];
  for (const unit of units) {
    const records = unit.objects.reduce(
      (sum, object) => sum + estimateRecords(object, recordBytes),
      0,
    );
    const bytes =
      unit.objects.reduce((sum, object) => sum + textBytes(object), 0) * sizing.safetyFactor;
    const last = batches.at(-1);
    const fits =
      last !== undefined &&
      last.records + records <= sizing.maxRecords &&
      last.bytes + bytes <= sizing.maxBytes;
    if (fits) {
      last.objects.push(...unit.objects);
      last.extracts.push(...unit.extracts);
      last.records += records;
      last.bytes += bytes;
    } else {
      batches.push({ ...unit, records, bytes });
    }
  }
  return batches.map(({ objects, extracts }) => ({ objects, extracts }));
}
