/** A run whose worker has said nothing for this long is shown as stalled; workers beat every few seconds. */
export const STALLED_AFTER_SECONDS = 60;

/** States in which a worker has the run in hand and must show signs of life. */
const AT_WORK = "('running', 'retrying')";

/** States from which a run still moves. */
export const OPEN_STATES_SQL = "('queued', 'running', 'retrying', 'stalled', 'waiting_approval')";

/**
 * The status to show for a row of `runs`: what is stored, or `stalled` where the worker has gone silent.
 *
 * @param alias the table's alias in the statement; an identifier of ours, never input
 */
export function shownStatus(alias: string): string {
  return `if(${alias}.status IN ${AT_WORK} AND ${alias}.heartbeat_at < now64(3, 'UTC') - toIntervalSecond(${STALLED_AFTER_SECONDS}), 'stalled', ${alias}.status)`;
}
