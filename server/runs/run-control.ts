import type { Db } from "@/server/clickhouse/client";
import { log } from "@/server/log";

import { findCancelRequest } from "./run-store";

const POLL_MS = 500;

/** The run was cancelled; nothing of what was at work is published. */
export class CancelledError extends Error {
  constructor(readonly requestedBy = "") {
    super(requestedBy === "" ? "Cancelled." : `Cancelled by ${requestedBy}.`);
    this.name = "CancelledError";
  }
}

/** Watches for a request to cancel a run, wherever it was made, and aborts what is at work. */
export class RunControl {
  readonly #abort = new AbortController();
  #requestedBy: string | undefined;
  readonly #timer: NodeJS.Timeout;
  #isAsking = false;

  constructor(
    private readonly db: Db,
    private readonly runId: string,
    /** Who asked before the run was taken up. */
    requestedBy: string | undefined,
    /** Aborted when the process is to end; the run is left for the next start. */
    readonly drain: AbortSignal | undefined,
  ) {
    this.#timer = setInterval(() => this.#ask(), POLL_MS);
    if (requestedBy !== undefined) this.#cancel(requestedBy);
    drain?.addEventListener("abort", this.#onDrain, { once: true });
    if (drain?.aborted === true) this.#onDrain();
  }

  readonly #onDrain = (): void => this.#abort.abort(new Error("The process ends."));

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get cancelledBy(): string | undefined {
    return this.#requestedBy;
  }

  get isDraining(): boolean {
    return this.drain?.aborted === true;
  }

  close(): void {
    clearInterval(this.#timer);
    this.drain?.removeEventListener("abort", this.#onDrain);
  }

  #cancel(by: string): void {
    this.#requestedBy = by;
    this.#abort.abort(new CancelledError(by));
  }

  #ask(): void {
    if (this.#isAsking || this.#requestedBy !== undefined) return;
    this.#isAsking = true;
    findCancelRequest(this.db, this.runId)
      .then((by) => {
        if (by !== undefined) this.#cancel(by);
      })
      // A database that cannot be asked fails the run's own statements too.
      .catch((error: unknown) => log().debug({ error }, "could not ask whether to cancel"))
      .finally(() => {
        this.#isAsking = false;
      });
  }
}
