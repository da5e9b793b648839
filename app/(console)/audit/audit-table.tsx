"use client";

import { columnsFor, DataTable, type TableFooter } from "@/components/data/table";
import { CutId } from "@/components/ui/cut-text";
import { HUE_TEXT } from "@/components/ui/hue";
import { Icon } from "@/components/ui/icon";
import { TextLink } from "@/components/ui/text-link";
import { cn } from "@/lib/cn";
import { AUDIT_ACTIONS, type AuditLine } from "@/lib/contracts/audit";
import { formatClockSeconds, formatDay, threeClocks } from "@/lib/time";
import { ACTION_WORDS, changeInWords, OUTCOME_LOOKS } from "./words";

/** A line with its time written out in the reader's zone. */
interface Row extends AuditLine {
  readonly timeZone: string;
}

function Target({ line }: { line: AuditLine }) {
  if (line.target === "") return <span className="text-ink-3">–</span>;
  // A run that was started or cancelled has a page; a refused start only says what was wanted.
  const isRun = line.action.startsWith("run:") && line.outcome === "done";
  if (isRun)
    return (
      <TextLink href={`/runs/${encodeURIComponent(line.target)}`}>
        <CutId id={line.target} />
      </TextLink>
    );
  return (
    <span className="inline-block max-w-60 truncate align-bottom" title={line.target}>
      {line.target}
    </span>
  );
}

const column = columnsFor<Row>();
const columns = column.columns([
  column.display({
    id: "at",
    header: "When",
    cell: ({ row: { original: line } }) => (
      <time dateTime={line.at} title={threeClocks(line.at, line.timeZone).join("\n")}>
        {formatDay(line.at, line.timeZone)} {formatClockSeconds(line.at, line.timeZone)}
      </time>
    ),
  }),
  column.display({
    id: "actor",
    header: "Who",
    cell: ({ row: { original: line } }) =>
      line.actor === "" ? (
        <span className="text-ink-3">nobody signed in</span>
      ) : (
        <>
          <span className="font-medium">{line.actor}</span>{" "}
          <span className="text-ink-3">{line.role}</span>
        </>
      ),
  }),
  column.display({
    id: "action",
    header: "What",
    cell: ({ row: { original: line } }) => {
      const action = AUDIT_ACTIONS.find((known) => known === line.action);
      return action === undefined ? line.action : ACTION_WORDS[action];
    },
  }),
  column.display({
    id: "outcome",
    header: "Outcome",
    cell: ({ row: { original: line } }) => {
      const { word, icon, hue } = OUTCOME_LOOKS[line.outcome];
      return (
        <span
          className={cn(
            "flex items-center gap-1.25",
            line.outcome === "done" ? "text-ink-3" : cn("font-medium", HUE_TEXT[hue]),
          )}
        >
          <Icon name={icon} />
          {word}
        </span>
      );
    },
  }),
  column.display({
    id: "tenant",
    header: "Tenant",
    meta: { hideBelow: "md" },
    cell: ({ row: { original: line } }) =>
      line.tenantId === "" ? (
        <span className="text-ink-3">–</span>
      ) : (
        <TextLink href={`/t/${encodeURIComponent(line.tenantId)}`}>{line.tenantId}</TextLink>
      ),
  }),
  column.display({
    id: "target",
    header: "Target",
    cell: ({ row: { original: line } }) => <Target line={line} />,
  }),
  column.display({
    id: "change",
    header: "Change",
    meta: { grow: true, hideBelow: "md" },
    cell: ({ row: { original: line } }) => {
      const change = changeInWords(line.before, line.after);
      return (
        <span className="text-ink-2" title={change}>
          {change}
        </span>
      );
    },
  }),
  column.display({
    id: "reference",
    header: "Reference",
    meta: { hideBelow: "lg" },
    cell: ({ row: { original: line } }) => <CutId id={line.requestId} label="reference" />,
  }),
]);

/** The lines of the audit, newest first. */
export function AuditTable({
  rows,
  timeZone,
  footer,
}: {
  rows: readonly AuditLine[];
  /** The reader's zone, IANA. */
  timeZone: string;
  footer: TableFooter;
}) {
  return (
    <DataTable
      name="Audit"
      columns={columns}
      rows={rows.map((line) => ({ ...line, timeZone }))}
      rowId={(line) => line.auditId}
      footer={footer}
      keys={false}
    />
  );
}
