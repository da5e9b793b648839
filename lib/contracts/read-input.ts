import { z } from "zod";
import { Cursor } from "./values";

/** A query parameter that may be absent, stand once or be repeated. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.preprocess(
    (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]),
    z.array(item).max(100),
  );
}

/** How many rows of a page are wanted. */
export function pageSize(usual: number) {
  return z.coerce.number().int().min(1).max(200).default(usual);
}

/** Where the page begins; absent for the first. */
export const After = Cursor.nullable().default(null);
