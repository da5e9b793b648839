import type { z } from "zod";
import type { Contract } from "./contract";

/** What a caller hands to a read: fields by name; null, undefined and empty lists are left out of the address. */
export type ReadInput = Readonly<
  Record<string, string | number | null | undefined | readonly string[]>
>;

/**
 * The address of a read with its input: path parts filled, the rest as query. Fields are in the order of their names, so
 * that equal inputs have equal addresses.
 *
 * @throws when a part of the path has no value: that is a mistake in the code that asks
 */
export function addressOf(
  contract: Pick<Contract<z.ZodObject, z.ZodType>, "path" | "params">,
  input: ReadInput,
): string {
  const inPath = new Set(Object.values(contract.params));
  const path = contract.path.replaceAll(/\[([^\]]+)\]/g, (_, part: string) => {
    const value = input[contract.params[part] ?? part];
    if (typeof value !== "string" || value === "")
      throw new Error(`${contract.path}: no value for [${part}]`);
    return encodeURIComponent(value);
  });
  const query = new URLSearchParams();
  for (const name of Object.keys(input).toSorted()) {
    const value = input[name];
    if (inPath.has(name) || value === null || value === undefined) continue;
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [String(value)])
      if (one !== "") query.append(name, one);
  }
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}
