"use client";

import {
  AboveRow,
  columnsFor,
  DataTable,
  RowLink,
  type TableFooter,
} from "@/components/data/table";
import { showId } from "@/app/(console)/_parts/show-id";
import type { DeadLetterRow } from "@/lib/contracts/dlq";
import { truncateKey } from "@/lib/format";
import { formatIsoUtc, formatNear } from "@/lib/time";

/** A dead letter with what its cells need. */
export interface ItemRow extends DeadLetterRow {
  readonly asOf: string;
  readonly timeZone: string;
  readonly isPicked: boolean;
  readonly onPick: () => void;
}

const column = columnsFor<ItemRow>();

/** What a dead letter is called in a list: its record's id, else its object, else the run. */
export function itemName(item: DeadLetterRow): string {
  if (item.kind === "run") return `run of ${item.tableName === "" ? "all tables" : item.tableName}`;
  if (item.entityId !== "") return showId(item.entityId, 32);
  return item.objectKey === "" ? "no id" : truncateKey(item.objectKey, 32);
}

const columns = column.columns([
  column.display({
    id: "pick",
    header: () => <span className="sr-only">Pick</span>,
    meta: { width: "2.25rem" },
    cell: ({ row }) => (
      <AboveRow>
        <input
          type="checkbox"
          aria-label={`Pick ${itemName(row.original)}`}
          checked={row.original.isPicked}
          onChange={row.original.onPick}
          className="touch size-3.5 align-middle accent-accent-fill"
        />
      </AboveRow>
    ),
  }),
  column.display({
    id: "id",
    header: "Record",
    meta: { most: "min(14rem, 36vw)" },
    cell: ({ row }) => (
      <RowLink
        href={`/dlq/items/${encodeURIComponent(row.original.id)}`}
        className="type-mono"
        title={row.original.entityId === "" ? row.original.objectKey : row.original.entityId}
      >
        {itemName(row.original)}
      </RowLink>
    ),
  }),
  column.display({
    id: "value",
    header: "Value",
    meta: { grow: true, width: "7rem" },
    cell: ({ row }) => (
      <span className="type-mono text-ink" title={`${row.original.message}: ${row.original.value}`}>
        {row.original.value === "" ? (
          <span className="font-sans text-ink-3">{row.original.message}</span>
        ) : (
          JSON.stringify(row.original.value)
        )}
      </span>
    ),
  }),
  column.display({
    id: "tenant",
    header: "Tenant",
    meta: { hideBelow: "md" },
    cell: ({ row }) => (
      <span className="block max-w-48 truncate" title={row.original.tenantName}>
        {row.original.tenantName}
      </span>
    ),
  }),
  column.display({
    id: "status",
    header: "Status",
    meta: { hideBelow: "md" },
    cell: ({ row }) => <span className="text-ink-2">{row.original.status}</span>,
  }),
  column.display({
    id: "seen",
    header: "Last seen",
    meta: { align: "right" },
    cell: ({ row }) => (
      <time dateTime={row.original.lastSeen} title={formatIsoUtc(row.original.lastSeen)}>
        {formatNear(row.original.lastSeen, row.original.asOf, row.original.timeZone)}
      </time>
    ),
  }),
]);

/** Dead letters of a group, the last seen first. */
export function ItemsTable({
  rows,
  footer,
  selectedId,
}: {
  rows: readonly ItemRow[];
  footer: TableFooter;
  selectedId?: string;
}) {
  return (
    <DataTable
      name="Dead letters of this cause"
      columns={columns}
      rows={rows}
      rowId={(row) => row.id}
      selectedId={selectedId}
      footer={footer}
    />
  );
}
