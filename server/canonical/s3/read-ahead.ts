import type { ReadAt } from "../zstd-frames";

const WINDOW_BYTES = 1024 * 1024;

/**
 * Reads a window at a time, so that small reads one behind the other are one request.
 *
 * @param read so many bytes from a place within the size
 */
export function readAhead(
  read: (start: number, length: number) => Promise<Buffer>,
  size: number,
): ReadAt {
  let start = 0;
  let window: Buffer = Buffer.alloc(0);
  return async (position, length) => {
    if (position >= size) return Buffer.alloc(0);
    const wanted = Math.min(length, size - position);
    if (position < start || position + wanted > start + window.length) {
      window = await read(position, Math.min(Math.max(WINDOW_BYTES, wanted), size - position));
      start = position;
    }
    return window.subarray(position - start, position - start + wanted);
  };
}
