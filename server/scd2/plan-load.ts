import { type Batch, type Sizing, planBatches } from "./batches";
import { type Discovery, discover } from "./discover";
import type { Reporter } from "./reporter";
import { readState } from "./table-state";
import type { TableWork } from "./table-work";

interface PlanLimits {
  readonly sizing?: Sizing;
  readonly onlyObjects?: ReadonlySet<string>;
  readonly heldExtracts?: ReadonlyMap<number, string>;
}

/** What there is to load: a bulk load takes the whole store as one batch, an increment what is new, batch by batch. */
export async function planLoad(
  work: TableWork,
  mode: "bulk" | "incremental",
  reporter: Reporter,
  first: number,
  { sizing, onlyObjects, heldExtracts = new Map() }: PlanLimits = {},
): Promise<{ discovery: Discovery; batches: Batch[] }> {
  const found = await reporter.step("discover", first, async () =>
    onlyObjects === undefined
      ? discover(work, mode)
      : limited(await discover(work, mode, onlyObjects), onlyObjects),
  );
  reportDiscovery(reporter, found);
  const discovery = withoutHeld(found, heldExtracts, reporter);
  const batches =
    mode === "bulk" ? [allOf(discovery)] : await planIncrement(work, discovery, sizing);
  return { discovery, batches };
}

/** Leaves out extracts that an operator has before him, or has rejected. */
function withoutHeld(
  discovery: Discovery,
  held: ReadonlyMap<number, string>,
  reporter: Reporter,
): Discovery {
  for (const { at } of discovery.extracts) {
    const runId = held.get(at);
    if (runId === undefined) continue;
    reporter.event(
      "info",
      "extract_held",
      `Extract ${new Date(at).toISOString()} is left out: it waits in the plan of run ${runId}, or was rejected with it.`,
      { run_id: runId },
    );
  }
  return { ...discovery, extracts: discovery.extracts.filter(({ at }) => !held.has(at)) };
}

/** What of a discovery is about some objects; an extract is taken whole. */
function limited(discovery: Discovery, only: ReadonlySet<string>): Discovery {
  return {
    ...discovery,
    objects: discovery.objects.filter((object) => only.has(object.key)),
    extracts: discovery.extracts.filter((extract) =>
      extract.objects.some((object) => only.has(object.key)),
    ),
    waitingExtracts: [],
    dead: discovery.dead.filter((object) => only.has(object.key)),
  };
}

function reportDiscovery(reporter: Reporter, discovery: Discovery): void {
  for (const object of discovery.dead) {
    reporter.event("error", "object_failed", `${object.key}: ${object.message}`, {
      key: object.key,
    });
  }
  for (const at of discovery.waitingExtracts) {
    reporter.event(
      "info",
      "extract_waiting",
      `Extract ${new Date(at).toISOString()} has no _SUCCESS yet and is not read.`,
    );
  }
}

/** All that was discovered as one batch. */
export function allOf(discovery: Discovery): Batch {
  return {
    objects: [...discovery.objects, ...discovery.extracts.flatMap((extract) => extract.objects)],
    extracts: discovery.extracts.map((extract) => extract.at),
  };
}

/** The batches; an empty one where nothing new has come, but an earlier publish broke off and is to be put right. */
async function planIncrement(
  work: TableWork,
  discovery: Discovery,
  sizing?: Sizing,
): Promise<Batch[]> {
  const batches = planBatches(discovery, sizing);
  if (batches.length > 0 || (await readState(work))?.is_settled !== false) return batches;
  return [{ objects: [], extracts: [] }];
}
