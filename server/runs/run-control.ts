import type { Db } from "@/server/clickhouse/client";

import { watchCancel } from "./cancel-watch";

/** The run was cancelled; nothing of what was at work is published. */
export class CancelledError extends Error {
  constructor(readonly requestedBy = "") {
    super(requestedBy === "" ? "Cancelled." : `Cancelled by ${requestedBy}.`);
    this.name = "CancelledError";
  }
}

/**
 * Watches for a request to cancel a run, wherever it was made, and aborts what is at work. Where the process is to end, the
 * batches at work may finish and no other is begun; then, or when the time for that is up, the rest is aborted, and the run is
 * left for the next start.
 */
export class RunControl {
  readonly #abort = new AbortController();
  #requestedBy: string | undefined;
  readonly #stopWatching: () => void;
  /** Tables with a batch at work, and tables that want to begin one. */
  #atWork = 0;
  #wanting = 0;
  #drainLimit: NodeJS.Timeout | undefined;

  constructor(
    db: Db,
    runId: string,
    /** Who asked before the run was taken up. */
    requestedBy: string | undefined,
    /** Aborted when the process is to end. */
    readonly drain: AbortSignal | undefined,
    /** How long batches at work may go on then, in ms. */
    private readonly drainMs: number,
  ) {
    this.#stopWatching = watchCancel(db, runId, (by) => this.#cancel(by));
    if (requestedBy !== undefined) this.#cancel(requestedBy);
    drain?.addEventListener("abort", this.#onDrain, { once: true });
    if (drain?.aborted === true) this.#onDrain();
  }

  readonly #onDrain = (): void => {
    this.#drainLimit = setTimeout(() => this.#leave(), this.drainMs);
    this.#leaveIfIdle();
  };

  #leave(): void {
    this.#abort.abort(new Error("The process ends."));
  }

  /** What wants to begin a batch must not, and nothing is at work that could still end. */
  #leaveIfIdle(): void {
    if (this.isDraining && this.#atWork === 0 && this.#wanting > 0) this.#leave();
  }

  /**
   * Waits for the right to begin a batch; where the process is to end, for good.
   *
   * @param admit whatever else must be waited for
   * @returns what `admit` gave; the batch counts as at work until `endWork`
   * @throws what `admit` throws, or the reason for which the run is stopped
   */
  async beginWork<T>(admit: () => Promise<T>): Promise<T> {
    this.#wanting += 1;
    this.#leaveIfIdle();
    try {
      const admitted = await admit();
      if (this.isDraining) await this.#untilStopped();
      this.#atWork += 1;
      return admitted;
    } finally {
      this.#wanting -= 1;
    }
  }

  endWork(): void {
    this.#atWork -= 1;
    this.#leaveIfIdle();
  }

  async #untilStopped(): Promise<never> {
    return new Promise((_resolve, reject) => {
      const { signal } = this.#abort;
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get cancelledBy(): string | undefined {
    return this.#requestedBy;
  }

  get isDraining(): boolean {
    return this.drain?.aborted === true;
  }

  /** Ends everything here at once: another process carries the run out by now. */
  abandon(reason: Error): void {
    this.#abort.abort(reason);
  }

  close(): void {
    this.#stopWatching();
    clearTimeout(this.#drainLimit);
    this.drain?.removeEventListener("abort", this.#onDrain);
  }

  #cancel(by: string): void {
    if (this.#requestedBy !== undefined) return;
    this.#requestedBy = by;
    this.#abort.abort(new CancelledError(by));
  }
}
