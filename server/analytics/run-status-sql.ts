/** A run whose worker has said nothing for this long is shown as stalled; workers beat every few seconds. */
const STALLED_AFTER_SECONDS = 60;

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
  const silent = `now64(3, 'UTC') - toIntervalSecond(${STALLED_AFTER_SECONDS})`;
  return `if(
        ${alias}.status IN ${AT_WORK} AND ${alias}.heartbeat_at < ${silent}
            AND ${alias}.worker NOT IN (SELECT token FROM leases WHERE lease = 'worker' AND heartbeat_at >= ${silent}),
        'stalled', ${alias}.status
    )`;
}

/** When each worker last gave a sign of life, to be joined as `beat ON beat.token = run.worker`. */
export const WORKER_BEATS = `(
    SELECT token, max(heartbeat_at) AS at FROM leases WHERE lease = 'worker' GROUP BY token
)`;

/** When the worker of a run last gave a sign of life: the later of the run's own word and the worker's. */
export function lastSign(run: string, beat: string): string {
  return `greatest(${run}.heartbeat_at, ifNull(${beat}.at, ${run}.heartbeat_at))`;
}
