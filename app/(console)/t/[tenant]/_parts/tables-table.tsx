"use client";

import { DayStrip, type StripDay } from "@/components/data/day-strip";
import { FreshnessCell } from "@/components/data/freshness-cell";
import { AboveRow, columnsFor, DataTable, RowLink } from "@/components/data/table";
import { Icon } from "@/components/ui/icon";
import { TextLink } from "@/components/ui/text-link";
import type { TableStanding } from "@/lib/contracts/fleet";
import type { DayOutcome } from "@/lib/contracts/tenants";
import { formatCount, formatPercent, formatShort } from "@/lib/format";
import { formatAge, formatIsoUtc, formatNear, toMs } from "@/lib/time";

/** A table of the tenant with what its cells need. */
export interface TableRow extends TableStanding {
  readonly tenantId: string;
  readonly asOf: string;
  readonly timeZone: string;
  readonly days: readonly DayOutcome[];
  readonly rejectThresholdPercent: number;
}

const column = columnsFor<TableRow>();
const STRIP: Record<DayOutcome, StripDay["state"]> = {
  none: "none",
  good: "fine",
  warning: "warning",
  bad: "bad",
};

function stripDays(row: TableRow): StripDay[] {
  const today = toMs(row.asOf);
  return row.days.map((outcome, index) => ({
    day: new Date(today - (row.days.length - 1 - index) * 86_400_000).toISOString().slice(0, 10),
    state: STRIP[outcome],
  }));
}

function Rejected({ row }: { row: TableRow }) {
  const run = row.lastRun;
  if (run === null || run.read === 0) return <span className="text-ink-3">–</span>;
  const share = run.rejected / run.read;
  const over = share * 100 > row.rejectThresholdPercent;
  return (
    <span
      className={
        over
          ? "inline-flex items-center gap-1.25 align-middle font-medium text-bad"
          : "inline-flex items-center gap-1.25 align-middle text-ink-2"
      }
      title={`${formatCount(run.rejected)} of ${formatCount(run.read)} rows of the newest run`}
    >
      <Icon name={over ? "circle-x" : "check"} />
      {formatPercent(share)}
      {over && `, limit ${formatPercent(row.rejectThresholdPercent / 100)}`}
    </span>
  );
}

function Invariants({ row }: { row: TableRow }) {
  if (row.invariantsChecked === 0) return <span className="text-ink-3">not checked</span>;
  const broken = row.invariantsBroken.length > 0;
  return (
    <span
      className={
        broken
          ? "inline-flex items-center gap-1.25 align-middle font-medium text-bad"
          : "inline-flex items-center gap-1.25 align-middle text-ink-2"
      }
      title={broken ? row.invariantsBroken.join(", ") : "every SCD2 invariant holds"}
    >
      <Icon name={broken ? "circle-x" : "badge-check"} />
      {row.invariantsHeld} of {row.invariantsChecked} hold
    </span>
  );
}

const columns = column.columns([
  column.display({
    id: "table",
    header: "Table",
    meta: { width: "9rem" },
    cell: ({ row }) => (
      <RowLink
        href={`/t/${encodeURIComponent(row.original.tenantId)}/entities/${row.original.tableName}`}
        title={`Records of ${row.original.tableName}`}
      >
        {row.original.tableName}
      </RowLink>
    ),
  }),
  column.display({
    id: "age",
    header: "Age against target",
    meta: { gauge: true, width: "9rem" },
    cell: ({ row }) => (
      <FreshnessCell
        ageSeconds={row.original.ageSeconds}
        targetSeconds={row.original.targetMinutes * 60}
        state={row.original.state}
        cause={row.original.cause}
        table={row.original.tableName}
        className="mb-1"
      />
    ),
  }),
  column.display({
    id: "good",
    header: "Last good run, age",
    cell: ({ row }) => {
      const { lastGoodAt, lastRun, asOf, timeZone } = row.original;
      if (lastGoodAt === null) return <span className="text-ink-3">none yet</span>;
      const said = `${formatNear(lastGoodAt, asOf, timeZone)}, ${formatAge((toMs(asOf) - toMs(lastGoodAt)) / 1000)}`;
      return lastRun === null ? (
        said
      ) : (
        <AboveRow>
          <TextLink
            href={`/runs/${encodeURIComponent(lastRun.runId)}`}
            title={formatIsoUtc(lastGoodAt)}
            className="font-normal text-ink-2"
          >
            {said}
          </TextLink>
        </AboveRow>
      );
    },
  }),
  column.display({
    id: "rate",
    header: "Rows/s",
    meta: { align: "right" },
    cell: ({ row }) => formatShort(row.original.lastRun?.rowsPerSecond || null),
  }),
  column.display({
    id: "entities",
    header: "Entities",
    meta: { align: "right" },
    cell: ({ row }) => formatCount(row.original.entities),
  }),
  column.display({
    id: "versions",
    header: "Versions",
    meta: { align: "right" },
    cell: ({ row }) => formatCount(row.original.versions),
  }),
  column.display({
    id: "rejected",
    header: () => <span className="pl-4">Rejected</span>,
    cell: ({ row }) => (
      <span className="pl-4">
        <Rejected row={row.original} />
      </span>
    ),
  }),
  column.display({
    id: "invariants",
    header: "Invariants",
    cell: ({ row }) => <Invariants row={row.original} />,
  }),
  column.display({
    id: "days",
    header: "30 days, worst of each day",
    meta: { hideBelow: "md" },
    cell: ({ row }) => <DayStrip days={stripDays(row.original)} label={row.original.tableName} />,
  }),
]);

/** The tenant's tables, worst first: age, last good run, speed, size, rejects, invariants, a month at a glance. */
export function TablesTable({ rows }: { rows: readonly TableRow[] }) {
  return (
    <DataTable
      name="Tables"
      columns={columns}
      rows={rows}
      rowId={(row) => row.tableName}
      density="comfortable"
    />
  );
}
