import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { type ConformanceCase, parseCases } from "@/server/cli/conformance/conformance-case";

const CASES_FILE = path.resolve(import.meta.dirname, "../../../shared/conformance/cases.json");

/** The shared conformance cases, or null where the corpus is not beside the checkout. */
export function conformanceCases(): ConformanceCase[] | null {
  return existsSync(CASES_FILE) ? parseCases(readFileSync(CASES_FILE, "utf8")) : null;
}
