import { describe, expect, it } from "vitest";

import { hasWholeFrames } from "./zstd-frames";

/** "hello" by the command line tool: one raw block and a checksum. */
const HELLO = Buffer.from("28b52ffd045829000068656c6c6f00000000", "hex");
/** A frame of 1,000 equal bytes (one RLE block), its size in the header and no checksum. */
const RLE = Buffer.from("28b52ffd60e802431f0041", "hex");
const SKIPPED = Buffer.from("502a4d1803000000616263", "hex");

async function isWhole(data: Buffer): Promise<boolean> {
  return hasWholeFrames(
    async (position, length) => data.subarray(position, position + length),
    data.length,
  );
}

describe("hasWholeFrames", () => {
  it.each([
    ["nothing", Buffer.alloc(0)],
    ["one frame", HELLO],
    ["a run-length block", RLE],
    ["several frames and one to skip", Buffer.concat([HELLO, SKIPPED, RLE, HELLO])],
    ["what is not Zstandard, which the reader refuses", Buffer.from("company_id,company_name")],
  ])("holds for %s", async (_name, data) => {
    expect(await isWhole(data)).toBe(true);
  });

  it("fails wherever the data is cut", async () => {
    for (let length = 1; length < HELLO.length; length++) {
      expect({ length, whole: await isWhole(HELLO.subarray(0, length)) }).toEqual({
        length,
        whole: false,
      });
    }
    expect(await isWhole(Buffer.concat([RLE, HELLO.subarray(0, 3)]))).toBe(false);
    expect(await isWhole(SKIPPED.subarray(0, -1))).toBe(false);
  });
});
