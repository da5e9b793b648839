import type { Step } from "@/lib/status";

import type { RowCounts } from "./count";

/** What a table's part of a run has done so far. */
export interface TableProgress {
  readonly objectsTotal: number;
  readonly objectsDone: number;
  readonly bytesTotal: number;
  readonly bytesDone: number;
  /** Estimated from the bytes until all is read. */
  readonly rowsTotal: number;
  readonly rowsDone: number;
  readonly counts: RowCounts;
}

/** Who hears of the work. The engine does not know what becomes of it. */
export interface Reporter {
  /** Runs one step of a batch; `work` is awaited inside, so that times and failures are seen. */
  step<T>(step: Step, batch: number, work: () => Promise<T>): Promise<T>;
  progress(progress: TableProgress): void;
  /** A statement that reads these objects has begun under this query id. */
  reading(queryId: string, progress: TableProgress): void;
  event(level: "info" | "warn" | "error", event: string, message: string, detail?: object): void;
  /** Called before anything is published; throws where the run must stop (cancelled, lease lost). */
  mayPublish(): Promise<void>;
}
