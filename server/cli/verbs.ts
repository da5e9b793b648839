import type { Verb } from "./verb";

/**
 * All commands, in the order of the help. To add one: a file that exports `verb = defineVerb({ … })`, and a line here.
 * Each is loaded only when it is asked for.
 */
export const verbs: readonly {
  readonly name: string;
  readonly load: () => Promise<{ verb: Verb }>;
}[] = [
  { name: "up", load: () => import("./up") },
  { name: "down", load: () => import("./down") },
  { name: "load", load: () => import("./load") },
  { name: "export", load: () => import("./export") },
  { name: "verify", load: () => import("./verify") },
  { name: "conformance", load: () => import("./conformance") },
  { name: "bench", load: () => import("./bench") },
  { name: "user add", load: () => import("./user-add") },
];
