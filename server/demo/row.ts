/** A canonical record before it is written: column to JSON value. */
export type Row = Record<string, string | number | boolean | null>;

/** Something a source system recorded: a state, or with `_deleted` the end, of one record. */
export interface DemoEvent {
  table: string;
  /** ms since the epoch, UTC. */
  at: number;
  row: Row;
}
