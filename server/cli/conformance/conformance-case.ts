import { z } from "zod";

const Batch = z.object({
  mode: z.enum(["incremental", "full"]),
  tenant_id: z.string(),
  /** The object's stamp: ISO 8601. For a full extract, the instant T of the extract. */
  at: z.string(),
  records: z.array(z.record(z.string(), z.unknown())),
});

/** One conformance case: batches in, version rows out. Unknown fields of the file are ignored. */
export const ConformanceCase = z.object({
  id: z.string(),
  title: z.string().default(""),
  table: z.string(),
  batches: z.array(Batch),
  expected: z.array(z.record(z.string(), z.unknown())),
});

export type ConformanceCase = z.infer<typeof ConformanceCase>;
export type ConformanceBatch = z.infer<typeof Batch>;

/**
 * Reads the text of a cases file.
 *
 * @param text a JSON array of cases
 * @throws with the position and reason when the text is not JSON or a case lacks a field
 */
export function parseCases(text: string): ConformanceCase[] {
  const parsed = z.array(ConformanceCase).safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error(`not a conformance file: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
