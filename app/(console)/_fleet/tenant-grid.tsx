import { columnsFor, DataTable, RowLink, type TableFooter } from "@/components/data/table";
import { FreshnessCell } from "@/components/data/freshness-cell";
import { HealthMark } from "@/components/data/state-word";
import { Icon } from "@/components/ui/icon";
import { sourceName } from "@/lib/source-name";
import { tableNames } from "@/lib/catalog";
import type { TableStanding, TenantStanding } from "@/lib/contracts/fleet";
import { formatBytes, formatCount, formatShort, plural } from "@/lib/format";
import { runStatus } from "@/lib/status";
import { formatAge, formatIsoUtc, spellDuration, toMs } from "@/lib/time";

/** A tenant with the moment it is true of, so that cells can say ages. */
export interface GridRow extends TenantStanding {
  readonly asOf: string;
}

const column = columnsFor<GridRow>();

function tableOf(row: TenantStanding, tableName: string): TableStanding | undefined {
  return row.tables.find((table) => table.tableName === tableName);
}

function tooltip(table: TableStanding): string {
  const lines = [table.tableName];
  if (table.newestObjectAt !== null)
    lines.push(`newest object ${formatIsoUtc(table.newestObjectAt)}`);
  lines.push(`target ${spellDuration(table.targetMinutes * 60)}`);
  if (table.lastGoodAt !== null) lines.push(`last good run ${formatIsoUtc(table.lastGoodAt)}`);
  return lines.join("\n");
}

function lastRunAge(row: GridRow): string {
  const at = row.lastRun?.finishedAt ?? row.lastRun?.startedAt;
  return at === null || at === undefined ? "–" : formatAge((toMs(row.asOf) - toMs(at)) / 1000);
}

function Cell({
  table,
  shape = "cell",
}: {
  table: TableStanding | undefined;
  shape?: "cell" | "block";
}) {
  if (table === undefined) return null;
  return (
    <FreshnessCell
      ageSeconds={table.ageSeconds}
      targetSeconds={table.targetMinutes * 60}
      state={table.state}
      cause={table.cause}
      table={table.tableName}
      title={tooltip(table)}
      shape={shape}
    />
  );
}

/** What waits in the store and is in no table yet, or else when the next increment is due, or that none is. */
function NextIncrement({ row }: { row: GridRow }) {
  const { paused, nextAt, schedule, waitingObjects, waitingBytes, oldestWaitingAt } = row.schedule;
  if (paused)
    return (
      <span className="inline-flex items-center gap-1 text-warn" title="nothing starts by itself">
        <Icon name="pause" />
        paused
      </span>
    );
  if (waitingObjects > 0) {
    const age =
      oldestWaitingAt === null ? "" : formatAge((toMs(row.asOf) - toMs(oldestWaitingAt)) / 1000);
    return (
      <span
        title={`${plural(waitingObjects, "object")} waiting, ${formatBytes(waitingBytes)}, the oldest ${age}`}
      >
        {formatShort(waitingObjects)} waiting
      </span>
    );
  }
  if (nextAt === null) return <span className="text-ink-3">–</span>;
  const seconds = (toMs(nextAt) - toMs(row.asOf)) / 1000;
  return (
    <span className="text-ink-2" title={`${schedule}, ${formatIsoUtc(nextAt)}`}>
      {seconds <= 0 ? "now" : formatAge(seconds)}
    </span>
  );
}

const columns = column.columns([
  column.display({
    id: "health",
    header: "Health",
    meta: { width: "6rem" },
    cell: ({ row }) => <HealthMark health={row.original.health} />,
  }),
  column.display({
    id: "tenant",
    header: "Tenant",
    meta: { grow: true, width: "10rem" },
    cell: ({ row }) => (
      <RowLink
        href={`/t/${encodeURIComponent(row.original.tenantId)}`}
        title={`${row.original.name}, ${sourceName(row.original.sourceSystem)}`}
      >
        {row.original.name}
      </RowLink>
    ),
  }),
  ...tableNames.map((name) =>
    column.display({
      id: name,
      header: name,
      meta: { gauge: true, width: "6.25rem" },
      cell: ({ row }) => <Cell table={tableOf(row.original, name)} />,
    }),
  ),
  column.display({
    id: "next",
    header: "Next",
    meta: { align: "right", hideBelow: "md" },
    cell: ({ row }) => <NextIncrement row={row.original} />,
  }),
  column.display({
    id: "rows",
    header: "Rows",
    meta: { align: "right", hideBelow: "xl" },
    cell: ({ row }) => (
      <span title={`${formatCount(row.original.rows)} current rows`}>
        {formatShort(row.original.rows)}
      </span>
    ),
  }),
  column.display({
    id: "lastRun",
    header: "Last run",
    meta: { align: "right", hideBelow: "xl" },
    cell: ({ row }) => (
      <span
        className="text-ink-2"
        title={
          row.original.lastRun === null
            ? "no run yet"
            : `${runStatus(row.original.lastRun.status).word}, ${row.original.lastRun.finishedAt ?? row.original.lastRun.startedAt ?? "not started"}`
        }
      >
        {lastRunAge(row.original)}
      </span>
    ),
  }),
  column.display({
    id: "rejected",
    header: "Rejected",
    meta: { align: "right", hideBelow: "md" },
    cell: ({ row }) => (
      <span
        className={row.original.rejected > 0 ? "text-ink" : "text-ink-3"}
        title={`${formatCount(row.original.rejected)} of ${formatCount(row.original.read)} rows of the newest run of each table`}
      >
        {formatShort(row.original.rejected)}
      </span>
    ),
  }),
]);

/** Tenants by tables, worst first: one gauge a table. On a small screen one block a tenant. */
export function TenantGrid({ rows, footer }: { rows: readonly GridRow[]; footer: TableFooter }) {
  return (
    <>
      <DataTable
        name="Tenants and the freshness of their tables"
        columns={columns}
        rows={rows}
        rowId={(row) => row.tenantId}
        density="compact"
        footer={footer}
        className="max-sm:hidden"
      />
      <ul className="sm:hidden" aria-label="Tenants and the freshness of their tables">
        {rows.map((row) => (
          <li key={row.tenantId} className="relative border-b border-line px-4 py-2.5">
            <div className="flex items-baseline gap-2">
              <RowLink href={`/t/${encodeURIComponent(row.tenantId)}`} className="min-w-0 truncate">
                {row.name}
              </RowLink>
              <span className="text-ink-3">{sourceName(row.sourceSystem)}</span>
              {row.schedule.paused && (
                <span className="inline-flex items-center gap-1 text-warn">
                  <Icon name="pause" />
                  paused
                </span>
              )}
              <HealthMark health={row.health} className="ml-auto" />
            </div>
            <div className="mt-1.5 grid grid-cols-4 gap-2.5">
              {row.tables.map((table) => (
                <Cell key={table.tableName} table={table} shape="block" />
              ))}
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
