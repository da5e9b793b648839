import type { Fact } from "@/components/ui/facts";
import { formatCount } from "@/lib/format";

/** What is to be done something with: dead letters of one tenant, by id or as a frozen selection. */
export interface Target {
  readonly tenantId: string;
  readonly tenantName: string;
  readonly chosen: { ids: string[] } | { selectionId: string };
  readonly count: number;
}

/** What a dialog says of the targets: whose they are, and what was frozen. */
export function targetFacts(targets: readonly Target[]): Fact[] {
  const frozen = targets.flatMap(({ chosen }) =>
    "selectionId" in chosen ? [chosen.selectionId] : [],
  );
  return [
    ...targets.map(({ tenantId, tenantName, count }) => ({
      name: tenantName === "" ? tenantId : tenantName,
      value: formatCount(count),
    })),
    ...(frozen.length > 0 ? [{ name: "frozen as", value: frozen.join(", "), mono: true }] : []),
  ];
}
