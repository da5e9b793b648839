import { z } from "zod";

/** A 64-bit integer that is a count: a string on the wire, a safe number here. Refuses what a number cannot hold exactly. */
export const zCount = z
  .union([z.string().regex(/^-?\d+$/), z.number().int()])
  .transform((value, context) => {
    const count = Number(value);
    if (Number.isSafeInteger(count)) return count;
    context.addIssue({ code: "custom", message: "is too large for a count" });
    return z.NEVER;
  });

/** A 64-bit integer that is an identity or a hash: kept as the digits. */
export const zDigits = z.union([z.string().regex(/^-?\d+$/), z.number().int()]).transform(String);

/** A Bool or UInt8 that means yes or no. */
export const zFlag = z.union([z.boolean(), z.literal(0), z.literal(1)]).transform(Boolean);

/** A DateTime or DateTime64 column: ISO 8601, UTC, `Z`, with milliseconds (finer fractions are cut). */
export const zInstant = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/)
  .transform((text) => {
    const [seconds = "", fraction = ""] = text.slice(0, -1).split(".");
    return `${seconds}.${fraction.padEnd(3, "0").slice(0, 3)}Z`;
  });
