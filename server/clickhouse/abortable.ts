import { ClickHouseError } from "./error";

/**
 * Waits for a statement that is others' too, and so cannot be ended for one of them.
 *
 * @param name of the statement
 * @throws ClickHouseError CANCELLED once the signal is aborted
 */
export async function unlessAborted<T>(
  name: string,
  signal: AbortSignal | undefined,
  statement: Promise<T>,
): Promise<T> {
  if (signal === undefined) return statement;
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void =>
      reject(new ClickHouseError(name, 0, "CANCELLED", false, "Aborted by the caller."));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    statement.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
