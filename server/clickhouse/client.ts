import "server-only";

// What the rest of the program knows of ClickHouse: a handle, what it takes, and where to get one.
export type { Db, InsertOptions, Statement, StatementResult } from "./db";
export { createDb } from "./http-db";
export { closeDb, getDb, getReaderDb } from "./process-handles";
