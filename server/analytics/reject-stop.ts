/**
 * What a run's error says of a batch that was stopped because too many of its rows were rejected: such a batch is
 * published nowhere and counted nowhere else. The words are those of the engine's RejectThresholdError; a test holds the
 * two together.
 *
 * @returns the rows read and rejected, or undefined where the error is about something else
 */
export function rejectStop(error: string): { read: number; rejected: number } | undefined {
  const match = /rows were rejected \((\d+) of (\d+)\)/.exec(error);
  if (match === null) return undefined;
  return { rejected: Number(match[1]), read: Number(match[2]) };
}
