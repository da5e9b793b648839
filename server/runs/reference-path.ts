type Data = Record<string, unknown>;

/** The value at a reference path such as `$.a.b`, or undefined. */
export function read(data: unknown, path: string): unknown {
  let value = data;
  for (const key of path.split(".").slice(1)) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Data)[key];
  }
  return value;
}

/** The data with a result under a reference path of one step; without a path the result replaces the data. */
export function place(data: Data, path: string | undefined, result: unknown): Data {
  if (path === undefined) return (result ?? {}) as Data;
  return { ...data, [path.slice(2)]: result };
}

/**
 * A payload template filled in: a key that ends in `.$` takes its value from the data (`$.…`) or, where the path begins
 * with `$$`, from the context object.
 *
 * @returns undefined for the path that leads nowhere, under `missing`; Step Functions fails the state for it
 */
export function fill(
  template: Data,
  data: Data,
  context: Data,
): { readonly filled: Data; readonly missing: string | undefined } {
  let missing: string | undefined;
  const filled = Object.fromEntries(
    Object.entries(template).map(([key, value]) => {
      if (!key.endsWith(".$")) return [key, value];
      const path = String(value);
      const found = path.startsWith("$$") ? read(context, path.slice(1)) : read(data, path);
      if (found === undefined) missing ??= path;
      return [key.slice(0, -2), found];
    }),
  );
  return { filled, missing };
}
