import type { VerdictKind } from "@/lib/contracts/dlq-commands";

/**
 * A verdict as a sentence without its full stop: "Would open version 3, close version 2".
 *
 * @param facts versions are numbered as they would be afterwards
 */
export function verdictWords(facts: {
  readonly kind: VerdictKind;
  readonly opens: number | null;
  readonly closes: number | null;
  readonly changes: number | null;
  readonly errors: readonly { readonly field: string; readonly message: string }[];
}): string {
  switch (facts.kind) {
    case "opens": {
      const opened = `Would open version ${facts.opens ?? 1}`;
      return facts.closes === null ? opened : `${opened}, close version ${facts.closes}`;
    }
    case "ends":
      return `Would close version ${facts.closes ?? 1}`;
    case "changes":
      return facts.changes === null
        ? "Would remove a version"
        : `Would change version ${facts.changes}`;
    case "nothing":
      return "Would change nothing";
    case "waits":
      return "Would wait: its object is not loaded yet, and takes it in";
    case "runs":
      return "Would be carried out again";
    case "fails": {
      const reasons = facts.errors.map((error) => `${error.field} ${error.message}`.trim());
      return `Would fail again: ${reasons.join(", ")}`;
    }
  }
}
