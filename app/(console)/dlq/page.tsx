import type { Metadata } from "next";
import { createLoader, type SearchParams } from "nuqs/server";
import { prefetch, Prefetched } from "@/app/(console)/_read/prefetch";
import { pageZone } from "@/app/(console)/_read/page-zone";
import { deadLetterGroupsContract, deadLettersContract } from "@/lib/contracts/dlq";
import { whyNot } from "@/lib/permissions";
import { asDeadLetterFilter } from "@/server/analytics/dead-letter-filter";
import { readDeadLetterGroups } from "@/server/analytics/dead-letter-groups";
import { readDeadLetters } from "@/server/analytics/dead-letter-list";
import { parseInput } from "@/server/parse-input";
import { openPage } from "@/server/pipeline/open-page";
import { dlqParams, groupsInput, itemsInput } from "./search-params";
import { DeadLettersView } from "./view";

export const metadata: Metadata = { title: "Dead letters" };

const load = createLoader(dlqParams);

export default async function DeadLettersPage({
  searchParams,
}: {
  searchParams: Promise<SearchParams>;
}) {
  const actor = await openPage();
  const [state, timeZone] = await Promise.all([load(searchParams), pageZone()]);
  const groups = groupsInput(state);
  const items = state.group === null ? null : itemsInput(state, state.group);
  return (
    <Prefetched
      reads={[
        prefetch(deadLetterGroupsContract, groups, () => {
          const { after, limit, ...asked } = parseInput(deadLetterGroupsContract.input, groups);
          return readDeadLetterGroups({ ...asDeadLetterFilter(asked), after, limit });
        }),
        ...(items === null
          ? []
          : [
              prefetch(deadLettersContract, items, () => {
                const { after, limit, fingerprint, ...asked } = parseInput(
                  deadLettersContract.input,
                  items,
                );
                return readDeadLetters({ ...asDeadLetterFilter(asked), fingerprint, after, limit });
              }),
            ]),
      ]}
    >
      <DeadLettersView
        timeZone={timeZone}
        whyNotReplay={whyNot(actor.role, "dlq:replay")}
        whyNotDiscard={whyNot(actor.role, "dlq:discard")}
      />
    </Prefetched>
  );
}
