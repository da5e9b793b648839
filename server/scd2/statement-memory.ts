const MIB = 1024 ** 2;

/** From here on a statement's memory does not decide how it works. */
const AMPLE_BYTES = 3 * 1024 * MIB;
/** Below this one thread writes: with two the most they take is a matter of when their blocks meet. */
const ONE_WRITER_BYTES = 1024 * MIB;

/**
 * What one row takes in the largest of the statements that hold all their rows (docs/decisions/0022): its times, hashes and
 * flags, in windows and in the join by place. Extracts are held against every entity, in several copies of the rows.
 */
const ROW_BYTES = { plain: 420, withExtracts: 2900 };
/** An id is there so many times at once. */
const ID_COPIES = { plain: 3, withExtracts: 6 };
/** The share of a statement's memory for rows that must all be there at once; the rest is for blocks on their way. */
const HELD_SHARE = 0.4;

/** More rows are not worked on at once, however much memory there is: their hash tables leave the CPU's caches. */
const MOST_ROWS_AT_ONCE = 2_000_000;

/** A statement's memory is so many times the compressed objects that it reads. */
const OBJECT_SHARE = 4;

/** Whether a statement may take what is fastest. */
export function isAmple(maxMemoryBytes: number): boolean {
  return maxMemoryBytes >= AMPLE_BYTES;
}

/** Settings that keep a statement within its memory (bytes). */
export function settingsWithin(maxMemoryBytes: number): Record<string, string | number> {
  // At half the default both threads have a block to write until the end, and less waits in memory.
  if (isAmple(maxMemoryBytes)) return { min_insert_block_size_bytes: "150000000" };
  return {
    // A block of each thread, and copies of it while it is put together, sorted and written.
    min_insert_block_size_bytes: String(Math.floor(maxMemoryBytes / 26)),
    max_threads: 2,
    max_insert_threads: maxMemoryBytes < ONE_WRITER_BYTES ? "1" : "2",
    max_block_size: "8192",
    input_format_parquet_max_block_size: 8192,
    // What is read ahead of row groups.
    input_format_parquet_memory_high_watermark: String(Math.floor(maxMemoryBytes / 10)),
  };
}

/**
 * Bytes of objects that one statement stages. It holds on to something of every part that it has written until it ends, so
 * that without a bound its memory would grow with the load.
 */
export function objectBytesAtOnce(maxMemoryBytes: number): number {
  return maxMemoryBytes / OBJECT_SHARE;
}

/**
 * Rows whose walk through time a statement derives within its memory.
 *
 * @param idBytes length of their ids, on average
 */
export function rowsAtOnce(maxMemoryBytes: number, idBytes: number, hasExtracts: boolean): number {
  const kind = hasExtracts ? "withExtracts" : "plain";
  const rowBytes = ROW_BYTES[kind] + ID_COPIES[kind] * idBytes;
  const fitting = Math.floor((maxMemoryBytes * HELD_SHARE) / rowBytes);
  return Math.max(1, Math.min(MOST_ROWS_AT_ONCE, fitting));
}
