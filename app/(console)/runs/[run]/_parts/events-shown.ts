/** How many of a run's newest events stand beside the ledger; the log has all of them. */
export const EVENTS_SHOWN = 14;
