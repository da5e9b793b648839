import type { z } from "zod";
import { AppError } from "./errors";

/**
 * Checks input that came from outside.
 *
 * @throws AppError `invalid-input` that names every fault at once, by dotted path
 */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => ({
    path: issue.path.join("."),
    message: issue.message,
  }));
  const [first] = faults;
  const detail =
    first === undefined || first.path === ""
      ? (first?.message ?? "")
      : `${first.path}: ${first.message}`;
  throw new AppError(
    "invalid-input",
    faults.length > 1 ? `${detail} (and ${faults.length - 1} more)` : detail,
    {
      faults,
    },
  );
}
