let last = 0n;

/** A version for an append-only row: microseconds since the epoch, rising with every call of this process. */
export function nextVersion(): string {
  const now = BigInt(Date.now()) * 1000n;
  last = now > last ? now : last + 1n;
  return String(last);
}
