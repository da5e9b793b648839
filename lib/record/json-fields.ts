/**
 * The fields of a JSON object as the text they were written in. JSON.parse alone would not do: `1.10` and numbers of more
 * than 15 digits come back as others, and a mended record keeps what nobody touched (R2).
 */
export type JsonFields = ReadonlyMap<string, string>;

/**
 * Takes one JSON object apart.
 *
 * @returns each key's value as JSON text, the last one where a key stands twice; undefined where the text is no JSON object
 */
export function readJsonFields(text: string): JsonFields | undefined {
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch {
    // What is wrong with it is the engine's to say; here it only has no fields.
    return undefined;
  }
  if (typeof whole !== "object" || whole === null || Array.isArray(whole)) return undefined;
  const fields = new Map<string, string>();
  let depth = 0;
  let key: string | undefined;
  let start = 0;
  const close = (end: number): void => {
    if (key !== undefined) fields.set(key, text.slice(start, end).trim());
    key = undefined;
  };
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') {
      const end = endOfString(text, at);
      if (depth === 1 && key === undefined) {
        key = JSON.parse(text.slice(at, end)) as string;
        start = text.indexOf(":", end) + 1;
        at = start - 1;
      } else at = end - 1;
    } else if (char === "{" || char === "[") depth += 1;
    else if (char === "}" || char === "]") {
      if (depth === 1) close(at);
      depth -= 1;
    } else if (char === "," && depth === 1) close(at);
  }
  return fields;
}

/** The object with these fields, on one line. */
export function writeJsonFields(fields: JsonFields): string {
  return `{${[...fields].map(([key, value]) => `${JSON.stringify(key)}:${value.replaceAll(/[\r\n]/g, " ")}`).join(",")}}`;
}

/**
 * A field's value as ClickHouse reads it of a record: text without its quotes, everything else as it was written; null
 * where it is JSON's null.
 */
export function fieldText(json: string): string | null {
  if (json === "null") return null;
  return json.startsWith('"') ? (JSON.parse(json) as string) : json;
}

/** Where the string that begins at `at` has ended. The text is known to be JSON. */
function endOfString(text: string, at: number): number {
  for (let next = at + 1; next < text.length; next++) {
    if (text[next] === "\\") next += 1;
    else if (text[next] === '"') return next + 1;
  }
  return text.length;
}
