import type { EntityVersion } from "@/lib/contracts/entities";

type Checked = Pick<EntityVersion, "start" | "end" | "isCurrent" | "recordHash">;

/** What must hold for the versions of one entity, in the order of their starts. */
const CHECKS: Record<string, (versions: readonly Checked[]) => boolean> = {
  "one current version": (versions) => versions.filter((version) => version.isCurrent).length <= 1,
  "current exactly when open": (versions) =>
    versions.every((version) => version.isCurrent === (version.end === null)),
  "starts rise": (versions) =>
    versions.every(
      (version, index) => index === 0 || version.start > (versions[index - 1]?.start ?? ""),
    ),
  "no empty interval": (versions) =>
    versions.every((version) => version.end === null || version.end > version.start),
  "no overlap": (versions) =>
    versions.every((version, index) => {
      const next = versions[index + 1];
      return next === undefined || (version.end !== null && version.end <= next.start);
    }),
  "no equal neighbours": (versions) =>
    versions.every((version, index) => {
      const next = versions[index + 1];
      return (
        next === undefined || version.end !== next.start || version.recordHash !== next.recordHash
      );
    }),
};

export const ENTITY_INVARIANTS: readonly string[] = Object.keys(CHECKS);

/** The invariants that do not hold for an entity's versions, oldest first. Times are ISO in UTC, which sort as text. Pure. */
export function brokenInvariants(versions: readonly Checked[]): string[] {
  return Object.entries(CHECKS)
    .filter(([, holds]) => !holds(versions))
    .map(([name]) => name);
}
