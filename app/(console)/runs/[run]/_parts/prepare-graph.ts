import type { GraphEdge, GraphModel, GraphNode, GraphRow } from "@/components/data/layout-graph";
import { runDetail, shareDone } from "@/app/(console)/_parts/run-words";
import type { RunReply, RunTable } from "@/lib/contracts/runs";
import { formatPercent, plural } from "@/lib/format";
import { isOpenRun, type RunState, runWord } from "@/lib/status";
import { formatDuration, toMs } from "@/lib/time";
import type { FlowOutline, OutlineState } from "./flow-outline";

/** What the definition calls the two modes. */
const STRATEGIES: Readonly<Record<string, string>> = {
  bulk: "bulk_load",
  incremental: "incremental",
};

/** The states that a run of this strategy passes, in order, as the definition links them. */
function pathOf(outline: FlowOutline, strategy: string): OutlineState[] {
  const path: OutlineState[] = [];
  let name: string | null = outline.start;
  while (name !== null) {
    const state: OutlineState | undefined = outline.states[name];
    if (state === undefined || path.includes(state)) break;
    path.push(state);
    name = state.type === "Choice" ? (state.branches[strategy] ?? state.otherwise) : state.next;
  }
  return path;
}

/** `InitializeDataMovement` → `Initialize`; a choice and a map are called by what they are. */
function titleOf(state: OutlineState): string {
  if (state.type === "Map") return "Map";
  if (state.type === "Choice") return "Strategy";
  return state.name.replace(/DataMovement$/, "").replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ");
}

function tableRow(reply: RunReply, table: RunTable): GraphRow {
  const share = shareDone(table.rowsDone, table.rowsTotal);
  const open = isOpenRun(table.status);
  const seconds =
    table.startedAt === null
      ? null
      : (toMs(table.finishedAt ?? reply.asOf) - toMs(table.startedAt)) / 1000;
  return {
    id: table.tableName,
    name: table.tableName,
    state: table.status,
    word: runWord(
      table.status,
      runDetail({
        status: table.status,
        steps: [table.step],
        attempt: table.attempt,
        heartbeatAt: reply.run.heartbeatAt,
        asOf: reply.asOf,
      }),
    ),
    figure:
      open && share !== null && table.status !== "queued"
        ? formatPercent(Math.floor(share * 100) / 100)
        : table.status === "queued"
          ? ""
          : formatDuration(seconds),
    share: open && share !== null && table.status !== "queued" ? share : undefined,
  };
}

/** The state of the map as a whole, from its tables. */
function mapState(reply: RunReply, begun: boolean): RunState {
  const states = reply.tables.map((table) => table.status);
  const { status } = reply.run;
  if (!begun || states.length === 0) return isOpenRun(status) ? "queued" : status;
  if (states.some(isOpenRun)) {
    const isStill = status === "stalled" || status === "waiting_approval";
    return isOpenRun(status) && !isStill ? "running" : status;
  }
  if (states.every((state) => state === "succeeded")) return "succeeded";
  if (states.includes("unbalanced")) return "unbalanced";
  if (states.every((state) => state === "failed")) return "failed";
  return states.includes("cancelled") ? "cancelled" : "partial";
}

/** The state graph of a run: where it is, as the state machine's definition links the states. Pure. */
export function prepareGraph(outline: FlowOutline, reply: RunReply): GraphModel {
  const { run } = reply;
  const ownSteps = reply.steps.filter((step) => step.tableName === "");
  const stepOf = (name: string) => ownSteps.findLast((step) => step.step === name.toLowerCase());
  const over = !isOpenRun(run.status);
  const begun = reply.tables.some((table) => table.status !== "queued" || table.attempt > 0);
  const initialized = begun || stepOf("initialize")?.status === "succeeded";
  const map = mapState(reply, initialized);
  const mapOver = initialized && !isOpenRun(map) && reply.tables.length > 0;
  const ahead: RunState = over && run.status !== "succeeded" ? "cancelled" : "queued";

  const nodes = pathOf(outline, STRATEGIES[run.mode] ?? run.mode).map((state): GraphNode => {
    const title = titleOf(state);
    const step = stepOf(title);
    const took =
      step === undefined || step.finishedAt === null
        ? undefined
        : formatDuration((toMs(step.finishedAt) - toMs(step.startedAt)) / 1000);
    switch (state.type) {
      case "Choice":
        return {
          id: state.name,
          name: title,
          state: initialized ? "succeeded" : ahead,
          fact: initialized ? run.mode : "waits",
        };
      case "Map": {
        const done = reply.tables.filter((table) => !isOpenRun(table.status)).length;
        return {
          id: state.name,
          name: title,
          state: map,
          fact: `${done} of ${plural(reply.tables.length, "table")} done${state.maxConcurrency === null ? "" : `, at most ${state.maxConcurrency} at once`}`,
          rows: reply.tables.map((table) => tableRow(reply, table)),
        };
      }
      case "Task":
      case "Succeed":
      case "Fail": {
        if (step !== undefined)
          return { id: state.name, name: title, state: step.status, fact: took ?? "at work" };
        const isFirst = state.name === outline.start;
        if (isFirst && run.startedAt !== null)
          return {
            id: state.name,
            name: title,
            state: initialized ? "succeeded" : over ? run.status : "running",
            fact: initialized ? "done" : "at work",
          };
        if (mapOver && !over)
          return { id: state.name, name: title, state: "running", fact: "at work" };
        return {
          id: state.name,
          name: title,
          state: ahead,
          fact: isFirst ? "waits for a worker" : over ? "not reached" : "waits for Map",
        };
      }
    }
  });

  const edges = nodes.slice(1).map((node, index): GraphEdge => {
    const from = nodes[index];
    return {
      from: from?.id ?? "",
      to: node.id,
      taken:
        from !== undefined &&
        from.state !== "queued" &&
        (node.rows !== undefined ? initialized : node.state !== ahead),
    };
  });
  const failed = reply.tables.filter(
    (table) => table.status === "failed" || table.status === "unbalanced",
  );
  const mapNode = nodes.find((node) => node.rows !== undefined);
  const caught =
    mapNode !== undefined && failed.length > 0 && outline.states[mapNode.id]?.catches === true;
  return caught
    ? {
        nodes: [
          ...nodes,
          {
            id: "dead-letter",
            name: "Dead letter",
            state: "failed",
            fact: plural(failed.length, "table"),
          },
        ],
        edges: [...edges, { from: mapNode.id, to: "dead-letter", taken: true, failed: true }],
      }
    : { nodes, edges };
}
