import type { EntityVersion } from "@/lib/contracts/entities";
import { toMs } from "@/lib/time";

/** What a record was at a moment. */
export type InForce =
  | { kind: "version"; version: EntityVersion }
  /** `shown` is the version nearest to the moment that there is. */
  | { kind: "not-yet"; shown: EntityVersion }
  | { kind: "deleted"; shown: EntityVersion }
  /** The moment lies before the oldest version that was read, and older ones exist. */
  | { kind: "left-out"; shown: EntityVersion };

/**
 * The version in force at a moment: a version's start belongs to it, its end no more.
 *
 * @param versions oldest first
 * @param total how many versions the record has, beyond those in `versions`
 * @returns undefined where there is no version at all
 */
export function inForceAt(
  versions: readonly EntityVersion[],
  total: number,
  at: Date,
): InForce | undefined {
  const [first] = versions;
  if (first === undefined) return undefined;
  const shown = versions.findLast((version) => toMs(version.start) <= at.getTime());
  if (shown === undefined)
    return { kind: total > versions.length ? "left-out" : "not-yet", shown: first };
  if (shown.end !== null && toMs(shown.end) <= at.getTime()) return { kind: "deleted", shown };
  return { kind: "version", version: shown };
}
