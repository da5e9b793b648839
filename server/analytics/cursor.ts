import { AppError } from "@/server/errors";

/** Makes the opaque text for a place in a list: the sort key of its last row. */
export function encodeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key), "utf8").toString("base64url");
}

/**
 * The sort key in a cursor, as text.
 *
 * @param length how many parts the list's key has
 * @throws AppError `invalid-input` for anything that this list did not make
 */
export function decodeCursor(cursor: string, length: number): string[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (
      Array.isArray(key) &&
      key.length === length &&
      key.every((part) => typeof part === "string" || typeof part === "number")
    )
      return key.map(String);
  } catch {
    // Falls through to the one answer for every kind of nonsense.
  }
  throw new AppError(
    "invalid-input",
    "This link points to a page that does not exist. Begin at the first page.",
    {
      faults: [{ path: "after", message: "Not a place in this list." }],
    },
  );
}
