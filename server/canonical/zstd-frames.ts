const FRAME = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const BLOCK_HEADER_BYTES = 3;
const RLE_BLOCK = 1;
const CHECKSUM_BYTES = 4;
/** By the two bits of the frame header that say so. */
const DICTIONARY_ID_BYTES = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];

/** Up to so many bytes from a place; fewer at the end. */
export type ReadAt = (position: number, length: number) => Promise<Buffer>;

/**
 * Whether Zstandard data ends where its last frame ends (RFC 8878). ClickHouse takes data that is cut short for
 * whole, so the blocks are counted here: their headers are read, their content is not.
 *
 * @param size of the data in bytes
 * @returns false where it is cut short; true for what is no Zstandard at all, which the reader refuses in its own words
 */
export async function hasWholeFrames(readAt: ReadAt, size: number): Promise<boolean> {
  let position = 0;
  while (position < size) {
    const head = await readAt(position, 8);
    if (head.length < 8) return false;
    const magic = head.readUInt32LE(0);
    if (magic - (magic & 0xf) === SKIPPABLE) {
      position += 8 + head.readUInt32LE(4);
      continue;
    }
    if (magic !== FRAME) return true;
    const descriptor = head.readUInt8(4);
    const isSingleSegment = (descriptor & 0x20) !== 0;
    const contentSizeFlag = descriptor >> 6;
    position +=
      5 +
      (isSingleSegment ? 0 : 1) +
      (DICTIONARY_ID_BYTES[descriptor & 3] ?? 0) +
      (contentSizeFlag === 0 && isSingleSegment ? 1 : (CONTENT_SIZE_BYTES[contentSizeFlag] ?? 0));
    for (let isLast = false; !isLast;) {
      const block = await readAt(position, BLOCK_HEADER_BYTES);
      if (block.length < BLOCK_HEADER_BYTES) return false;
      const header = block.readUIntLE(0, BLOCK_HEADER_BYTES);
      isLast = (header & 1) === 1;
      position += BLOCK_HEADER_BYTES + (((header >> 1) & 3) === RLE_BLOCK ? 1 : header >> 3);
    }
    if ((descriptor & 4) !== 0) position += CHECKSUM_BYTES;
  }
  return position === size;
}
