/** How an object's rows are written down. */
export type ObjectFormat = "parquet" | "ndjson" | "csv";

/** What a key under `{tenant}/canonical/{table}/` says (conformance/README.md, "Where observations live"). */
export type ParsedKey =
  | {
      readonly kind: "data";
      readonly format: ObjectFormat;
      /** ms UTC; absent where the name has no stamp and LastModified counts. */
      readonly stamp?: number;
      /** ms UTC of the full extract the object belongs to. */
      readonly extractAt?: number;
    }
  | { readonly kind: "extract-complete"; readonly extractAt: number }
  | { readonly kind: "outside"; readonly reason: string };

export const TENANT_ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

const EXTENSION = /\.(parquet|ndjson|jsonl|json|csv)(?:\.(?:gz|zst))?$/;
const STAMP = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})?Z$/;
const STAMP_IN_NAME = /(?:^|-)(\d{8}T\d{6}(?:\d{3})?Z)(?:-\d+)?\.[^/]*$/;
/** Readers take these for wildcards or escapes, so such a key cannot be named to them. */
// oxlint-disable-next-line no-control-regex
const UNREADABLE = /[*?{}[\]\\,\u0000-\u001f\u007f]/;

/** S3 allows these and readers do not, or take them for a step up. */
const EMPTY_FOLDER = new Set(["", ".", ".."]);

/** The prefix of a tenant's table in the store. */
export function tablePrefix(tenantId: string, tableName: string): string {
  return `${tenantId}/canonical/${tableName}/`;
}

/** `YYYYMMDDTHHMMSS[mmm]Z` as ms UTC, or undefined where it is no time. */
export function parseStamp(text: string): number | undefined {
  const match = STAMP.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, ms] = match.map(Number);
  const at = Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute, second, ms || 0);
  const back = new Date(at).toISOString().replaceAll(/[-:.]/g, "");
  return back.startsWith(text.slice(0, 15)) ? at : undefined;
}

/** Reads the part of a key behind its table prefix. Pure; never throws. */
export function parseObjectName(name: string): ParsedKey {
  if (UNREADABLE.test(name)) {
    return outside("its name has one of the characters * ? { } [ ] \\ , or a control character");
  }
  const segments = name.split("/");
  if (segments.some((segment) => EMPTY_FOLDER.has(segment))) {
    return outside("its name has an empty folder name, . or ..");
  }
  let extractAt: number | undefined;
  if (segments[0] === "full") {
    extractAt = parseStamp(segments[1] ?? "");
    if (extractAt === undefined || segments.length < 3) {
      return outside(
        "an object under full/ belongs into a folder named by the extract's UTC stamp",
      );
    }
    if (segments.length === 3 && segments[2] === "_SUCCESS") {
      return { kind: "extract-complete", extractAt };
    }
  }
  const extension = EXTENSION.exec(name)?.[1];
  if (extension === undefined) {
    return outside(
      "its name does not end in .parquet, .ndjson, .jsonl, .json or .csv, plain or with .gz or .zst",
    );
  }
  const format = extension === "parquet" || extension === "csv" ? extension : "ndjson";
  if (extractAt !== undefined) return { kind: "data", format, stamp: extractAt, extractAt };
  const stampText = STAMP_IN_NAME.exec(name)?.[1];
  if (stampText === undefined) return { kind: "data", format };
  const stamp = parseStamp(stampText);
  return stamp === undefined
    ? outside(`the stamp ${stampText} in its name is not a time`)
    : { kind: "data", format, stamp };
}

function outside(reason: string): ParsedKey {
  return { kind: "outside", reason };
}
