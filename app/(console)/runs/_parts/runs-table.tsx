"use client";

import { columnsFor, DataTable, RowLink, type TableFooter } from "@/components/data/table";
import { ShareBar } from "@/components/data/share-bar";
import { RunStateWord } from "@/components/data/state-word";
import { modeWord, runDetail, shareDone, tablesWord } from "@/app/(console)/_parts/run-words";
import type { RunSummary } from "@/lib/contracts/runs";
import { formatCount, formatShort, truncateId } from "@/lib/format";
import { isOpenRun } from "@/lib/status";
import { formatDuration, formatIsoUtc, formatNear, toMs } from "@/lib/time";

/** A run with what its cells need to say times. */
export interface RunRow extends RunSummary {
  readonly asOf: string;
  readonly timeZone: string;
}

const column = columnsFor<RunRow>();

function duration(row: RunRow): string {
  if (row.startedAt === null) return "–";
  const end = row.finishedAt ?? row.asOf;
  return formatDuration((toMs(end) - toMs(row.startedAt)) / 1000);
}

function rowsInWords({ ledger }: RunRow, said: (rows: number) => string): string {
  return `read ${said(ledger.read)}, opened ${said(ledger.new + ledger.changed)}, rejected ${said(ledger.rejected)}`;
}

function Work({ row }: { row: RunRow }) {
  const share = shareDone(row.rowsDone, row.rowsTotal);
  if (isOpenRun(row.status) && share !== null)
    return <ShareBar share={share} state={row.status} label="Share of rows" className="w-36" />;
  return (
    <span
      className="text-ink-2"
      title={[rowsInWords(row, formatCount), row.error].filter((part) => part !== "").join("\n")}
    >
      {[
        // The ledger has only what was published: of a run that published nothing the reason says more.
        ...(row.error !== "" && row.ledger.read === 0 ? [] : [rowsInWords(row, formatShort)]),
        ...(row.error === "" ? [] : [row.error]),
      ].join("; ")}
    </span>
  );
}

const tenantColumn = column.display({
  id: "tenant",
  header: "Tenant",
  meta: { width: "12rem", most: "14rem" },
  cell: ({ row }) => <span title={row.original.tenantName}>{row.original.tenantName}</span>,
});

const stateColumn = column.display({
  id: "state",
  header: "State",
  meta: { width: "9.5rem" },
  cell: ({ row }) => (
    <RunStateWord
      state={row.original.status}
      detail={runDetail({ ...row.original, asOf: row.original.asOf })}
      className="align-middle"
    />
  ),
});

const rest = [
  column.display({
    id: "what",
    header: "What",
    meta: { width: "10rem" },
    cell: ({ row }) => (
      <RowLink
        href={`/runs/${encodeURIComponent(row.original.runId)}`}
        aria-label={`${modeWord(row.original.mode)} of ${row.original.tenantName}, ${row.original.runId}`}
        className="font-normal"
      >
        {modeWord(row.original.mode)}, {tablesWord(row.original.tables)}
      </RowLink>
    ),
  }),
  column.display({
    id: "at",
    header: "Asked for",
    meta: { align: "right", width: "6rem" },
    cell: ({ row }) => (
      <time dateTime={row.original.createdAt} title={formatIsoUtc(row.original.createdAt)}>
        {formatNear(row.original.createdAt, row.original.asOf, row.original.timeZone)}
      </time>
    ),
  }),
  column.display({
    id: "took",
    header: "Took",
    meta: { align: "right", width: "5rem" },
    cell: ({ row }) => duration(row.original),
  }),
  column.display({
    id: "work",
    header: () => <span className="pl-4">Rows</span>,
    meta: { grow: true, width: "13rem" },
    cell: ({ row }) => (
      <div className="truncate pl-4">
        <Work row={row.original} />
      </div>
    ),
  }),
  column.display({
    id: "by",
    header: "By",
    meta: { hideBelow: "lg", width: "6rem", most: "10rem" },
    cell: ({ row }) => (
      <span className="text-ink-3" title={row.original.trigger}>
        {row.original.requestedBy === "" ? row.original.trigger : row.original.requestedBy}
      </span>
    ),
  }),
  column.display({
    id: "id",
    header: "Run",
    meta: { align: "right", hideBelow: "lg", width: "7rem" },
    cell: ({ row }) => (
      <span className="type-mono text-ink-2" title={row.original.runId}>
        {truncateId(row.original.runId)}
      </span>
    ),
  }),
];

const allColumns = column.columns([stateColumn, tenantColumn, ...rest]);
const tenantColumns = column.columns([
  stateColumn,
  ...rest.filter((one) => one.id !== "by" && one.id !== "id"),
]);

/** Runs, newest first. `tenant` leaves the tenant's column out, where the page says it already. */
export function RunsTable({
  rows,
  footer,
  tenant = false,
  keys = true,
}: {
  rows: readonly RunRow[];
  footer?: TableFooter;
  tenant?: boolean;
  keys?: boolean;
}) {
  return (
    <DataTable
      name="Runs"
      columns={tenant ? tenantColumns : allColumns}
      rows={rows}
      rowId={(row) => row.runId}
      keys={keys}
      {...(footer === undefined ? {} : { footer })}
    />
  );
}
