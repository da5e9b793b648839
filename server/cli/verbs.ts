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
  { name: "work", load: () => import("./work") },
  { name: "down", load: () => import("./down") },
  { name: "load", load: () => import("./load") },
  { name: "apply", load: () => import("./apply") },
  { name: "reject", load: () => import("./reject") },
  { name: "run show", load: () => import("./run-show") },
  { name: "run redrive", load: () => import("./run-redrive") },
  { name: "export", load: () => import("./export") },
  { name: "verify", load: () => import("./verify") },
  { name: "dlq list", load: () => import("./dlq-list") },
  { name: "dlq show", load: () => import("./dlq-show") },
  { name: "dlq replay", load: () => import("./dlq-replay") },
  { name: "dlq discard", load: () => import("./dlq-discard") },
  { name: "conformance", load: () => import("./conformance") },
  { name: "bench", load: () => import("./bench") },
  { name: "tenant show", load: () => import("./tenant-show") },
  { name: "tenant set", load: () => import("./tenant-set") },
  { name: "tenant pause", load: () => import("./tenant-pause") },
  { name: "tenant resume", load: () => import("./tenant-resume") },
  { name: "user add", load: () => import("./user-add") },
];
