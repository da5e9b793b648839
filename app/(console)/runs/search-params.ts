import {
  createSerializer,
  parseAsArrayOf,
  parseAsIsoDateTime,
  parseAsString,
  parseAsStringLiteral,
} from "nuqs/server";
import { RUN_MODES } from "@/lib/contracts/values";
import { RUN_STATES } from "@/lib/status";

/** What the list of runs keeps in its address. Times are UTC; `from` is included, `to` is not. */
export const runsParams = {
  status: parseAsArrayOf(parseAsStringLiteral(RUN_STATES)).withDefault([]),
  tenant: parseAsString,
  mode: parseAsStringLiteral(RUN_MODES),
  from: parseAsIsoDateTime,
  to: parseAsIsoDateTime,
  after: parseAsString,
  until: parseAsString,
};

/** The list's address with its state. */
export const runsHref = createSerializer(runsParams);

export interface RunsState {
  status: readonly (typeof RUN_STATES)[number][];
  tenant: string | null;
  mode: (typeof RUN_MODES)[number] | null;
  from: Date | null;
  to: Date | null;
  after: string | null;
  until: string | null;
}

/** The read's input for what is in the address. */
export function runsInput(state: RunsState) {
  return {
    status: [...state.status],
    tenant: state.tenant === null || state.tenant === "" ? [] : [state.tenant],
    mode: state.mode ?? undefined,
    from: state.from?.toISOString(),
    to: state.to?.toISOString(),
    after: state.after,
    until: state.until,
  };
}
