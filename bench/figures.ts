/** What one figure of the bench is. */
export interface FigureKind {
  /** For the person who reads the table. */
  readonly about: string;
  readonly unit: "×" | "ms" | "s" | "MB" | "a minute" | "a second" | "";
  readonly goal?: { readonly atMost: number } | { readonly atLeast: number };
  /** Which way is better; figures that are ratios and say so are held against bench/baseline.json. */
  readonly guarded?: "lower" | "higher";
}

/** Every figure the bench prints, by its key in --json: "benchmark.figure". */
export const FIGURES = {
  "bulk.ratioToBareInsert": {
    about: "bulk load of Parquet over a bare typed insert",
    unit: "×",
    goal: { atMost: 1.5 },
    guarded: "lower",
  },
  "bulk.ratioToBareInsertNdjson": {
    about: "bulk load of NDJSON.zst over a bare typed insert",
    unit: "×",
    guarded: "lower",
  },
  "bulk.cpuRatioToBareInsert": {
    about: "the same of Parquet in CPU time of the server",
    unit: "×",
    guarded: "lower",
  },
  "bulk.bareSeconds": { about: "bare insert of Parquet", unit: "s" },
  "bulk.bulkSeconds": { about: "bulk load of Parquet", unit: "s" },
  "bulk.recordsPerMinute": { about: "records of Parquet", unit: "a minute" },
  "bulk.nodePeakMb": {
    about: "memory of the process that runs the load",
    unit: "MB",
    goal: { atMost: 400 },
  },
  "increment.timesFasterThanDbt": {
    about: "statements shaped like dbt-clickhouse's snapshot over ours",
    unit: "×",
    goal: { atLeast: 20 },
    guarded: "higher",
  },
  "increment.timesFasterThanDlt": {
    about: "statements shaped like dlt's scd2 merge over ours",
    unit: "×",
    goal: { atLeast: 5 },
    guarded: "higher",
  },
  "increment.seconds": { about: "our increment of 10,000 records into 10 M versions", unit: "s" },
  "increment.growthFor10xTable": {
    about: "our increment at 10 M versions over the same at 1 M",
    unit: "×",
    goal: { atMost: 3 },
    guarded: "lower",
  },
  "increment.growthFor10xHistory": {
    about: "our increment with 10 versions an entity over the same with 1",
    unit: "×",
    goal: { atMost: 2 },
    guarded: "lower",
  },
  "current.p95MsAt10M": {
    about: "aggregate over a tenant's current rows, p95, parts not merged",
    unit: "ms",
    goal: { atMost: 100 },
  },
  "current.ratioToPlainScan": {
    about: "the same over a plain table with only the current rows",
    unit: "×",
    goal: { atMost: 3 },
    guarded: "lower",
  },
  "entity.p95Ms": {
    about: "one record's whole timeline at 10 M versions, p95",
    unit: "ms",
    goal: { atMost: 20 },
  },
  "concurrency.errors": {
    about: "failed requests of 1,000 clients at once",
    unit: "",
    goal: { atMost: 0 },
  },
  "concurrency.p99Ms": {
    about: "their slowest hundredth",
    unit: "ms",
    goal: { atMost: 2000 },
  },
  "concurrency.qps": { about: "their requests", unit: "a second" },
  "tenants.seconds": {
    about: "120 tenants × 4 tables, an increment of 500 records each",
    unit: "s",
    goal: { atMost: 60 },
  },
  "tenants.maxOverMedian": {
    about: "the slowest tenant over the median",
    unit: "×",
    goal: { atMost: 3 },
    guarded: "lower",
  },
  "memory.bulkPeakMb1M": {
    about: "most that a statement of a bulk load of 1 M rows takes, held to 512 MB",
    unit: "MB",
  },
  "memory.bulkPeakMb10M": { about: "the same of 10 M rows", unit: "MB" },
  "memory.growth": {
    about: "the one over the other",
    unit: "×",
    goal: { atMost: 1.2 },
    guarded: "lower",
  },
  "compression.realTickets": {
    about: "share of the history of real tickets that compression saves, an hour after a bulk load",
    unit: "",
    goal: { atLeast: 0.9 },
    guarded: "higher",
  },
  "compression.realTicketsAsLoaded": { about: "the same right after the load", unit: "" },
  "compression.realTicketsLog": { about: "the same of their log, an hour after", unit: "" },
  "freshness.p95Seconds": {
    about: "an object lands until its records are current, p95, 20 tenants",
    unit: "s",
    goal: { atMost: 5 },
  },
  "soak.readP95Ms": {
    about: "reads beside 5 minutes of increments, p95",
    unit: "ms",
    goal: { atMost: 500 },
  },
  "soak.partsMax": { about: "most parts of a tenant's partition", unit: "" },
  "soak.errors": { about: "failed reads and runs", unit: "", goal: { atMost: 0 } },
  "soak.rssGrowthMb": { about: "growth of memory in the second half", unit: "MB" },
  "soak.increments": { about: "increments done", unit: "" },
  "console.p95Ms": {
    about: "slowest list page's server time, p95, with 100,000 runs and 1 M dead letters",
    unit: "ms",
    goal: { atMost: 300 },
  },
} as const satisfies Record<string, FigureKind>;

export type FigureKey = keyof typeof FIGURES;

/** One reading: null where this machine cannot take it. */
export interface Reading {
  readonly value: number | null;
  readonly least?: number;
  readonly most?: number;
}

export type Readings = Readonly<Partial<Record<FigureKey, Reading>>>;

/** What a figure is by definition. */
export function figureKind(key: FigureKey): FigureKind {
  return FIGURES[key];
}

/** Whether a reading reaches the goal; undefined where there is none of either. */
export function reachesGoal(key: FigureKey, reading: Reading): boolean | undefined {
  const { goal } = figureKind(key);
  if (goal === undefined || reading.value === null) return undefined;
  return "atMost" in goal ? reading.value <= goal.atMost : reading.value >= goal.atLeast;
}
