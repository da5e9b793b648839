import { fleetOf } from "@/server/clickhouse/fleet-database";
import { readDeadLetterGroups } from "@/server/analytics/dead-letter-groups";
import { asDeadLetterFilter } from "@/server/analytics/dead-letter-filter";
import { readDeadLetters } from "@/server/analytics/dead-letter-list";

import { filterFlags, filterOf } from "./dlq-flags";
import { openForVerb } from "./open-for-verb";
import { UsageError, defineVerb } from "./verb";

const PAGE = 500;
const DEFAULT_LIMIT = 100;

export const verb = defineVerb({
  name: "dlq list",
  summary: "List dead letters, or their causes",
  description:
    "One JSON object a line, the last seen first; with --groups one a cause, the largest first.",
  flags: {
    ...filterFlags,
    groups: { type: "boolean", help: "Causes instead of single dead letters" },
    limit: {
      type: "string",
      value: "N",
      help: `At most so many lines (default: ${DEFAULT_LIMIT})`,
    },
  },
  async run(context) {
    const { flags } = context;
    const limit = Number(flags.limit ?? DEFAULT_LIMIT);
    if (!Number.isSafeInteger(limit) || limit < 1)
      throw new UsageError("--limit must be a whole number from 1.");
    const { fingerprint, ...asked } = filterOf(flags);
    const filter = { ...asDeadLetterFilter({ ...asked, tenant: flags.tenant }), fingerprint };
    const db = await openForVerb(context, "avesa dlq list");
    const read = flags.groups === true ? readDeadLetterGroups : readDeadLetters;
    let after: string | null = null;
    let left = limit;
    do {
      const page: { rows: readonly object[]; next: string | null } = await read(
        { ...filter, after, limit: Math.min(left, PAGE) },
        fleetOf(db),
      );
      for (const row of page.rows) context.print(JSON.stringify(row));
      left -= page.rows.length;
      after = page.next;
    } while (after !== null && left > 0);
    if (after !== null) context.say(`There are more; --limit shows up to ${limit}.`);
    return 0;
  },
});
