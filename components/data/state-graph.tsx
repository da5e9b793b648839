import Link from "next/link";
import type { CSSProperties } from "react";
import {
  type GraphModel,
  type GraphNode,
  type GraphRow,
  isAhead,
  isAtWork,
  layoutGraph,
} from "@/components/data/layout-graph";
import { ShareBar } from "@/components/data/share-bar";
import { HUE_TEXT } from "@/components/ui/hue";
import { Icon } from "@/components/ui/icon";
import { cn } from "@/lib/cn";
import { type RunState, runStatus } from "@/lib/status";

/**
 * The state machine of a run. One ordered list: on a pane wider than 720 px its items stand as a graph with drawn edges, on a narrower one they are
 * plain lines. A reader hears the list either way.
 */
export function StateGraph({ model, label }: { model: GraphModel; label: string }) {
  const graph = layoutGraph(model);
  return (
    <div className="scroll-quiet @container overflow-x-auto">
      <div
        className="relative @min-[720px]:mx-4 @min-[720px]:my-3 @min-[720px]:h-(--graph-height)"
        style={{ "--graph-height": `${graph.height}px` } as CSSProperties}
      >
        <svg
          aria-hidden
          width={graph.width}
          height={graph.height}
          className="absolute top-0 left-0 hidden overflow-visible @min-[720px]:block"
        >
          {graph.edges.map(({ edge, path, head }) => {
            const ink = edge.failed === true ? "var(--bad)" : "var(--edge)";
            return (
              <g key={`${edge.from}-${edge.to}`}>
                <path
                  d={path}
                  fill="none"
                  stroke={ink}
                  strokeDasharray={edge.taken ? undefined : "3 2"}
                />
                <path
                  d="M-4.5 -3.5L0 0L-4.5 3.5Z"
                  fill={ink}
                  transform={`translate(${head.x} ${head.y}) rotate(${head.turn})`}
                />
              </g>
            );
          })}
        </svg>
        <ol aria-label={label}>
          {graph.nodes.map(({ node, x, y, width, height }) => (
            <li
              key={node.id}
              aria-current={isAtWork(node) ? "step" : undefined}
              className={cn(
                "@max-[720px]:border-b @max-[720px]:border-line",
                "@min-[720px]:absolute @min-[720px]:top-(--y) @min-[720px]:left-(--x) @min-[720px]:h-(--h) @min-[720px]:w-(--w)",
                "@min-[720px]:rounded-control @min-[720px]:border @min-[720px]:bg-surface",
                isAtWork(node) ? "@min-[720px]:border-edge" : "@min-[720px]:border-line-2",
              )}
              style={
                {
                  "--x": `${x}px`,
                  "--y": `${y}px`,
                  "--w": `${width}px`,
                  "--h": `${height}px`,
                } as CSSProperties
              }
            >
              {node.rows === undefined ? (
                <Plain node={node} />
              ) : (
                <Box node={node} rows={node.rows} />
              )}
            </li>
          ))}
        </ol>
      </div>
    </div>
  );
}

function StateIcon({ state }: { state: RunState }) {
  const { icon, hue } = runStatus(state);
  return <Icon name={icon} turning={state === "running"} className={HUE_TEXT[hue]} />;
}

function Plain({ node }: { node: GraphNode }) {
  const { word } = runStatus(node.state);
  return (
    <div className="flex h-full min-h-9 items-center gap-1.5 px-4 @min-[720px]:min-h-0 @min-[720px]:flex-wrap @min-[720px]:content-center @min-[720px]:gap-x-1.5 @min-[720px]:gap-y-0 @min-[720px]:px-2">
      <StateIcon state={node.state} />
      <span
        className={cn(
          "font-strong",
          isAhead(node) && "@max-[720px]:font-normal @max-[720px]:text-ink-3",
        )}
      >
        {node.name}
      </span>
      <span className="ml-auto text-right text-ink-3 @min-[720px]:hidden">
        {word}
        {node.fact === undefined ? "" : `, ${node.fact}`}
      </span>
      {node.fact !== undefined && (
        <span className="type-micro hidden w-full truncate pl-5 text-ink-3 @min-[720px]:block">
          {node.fact}
        </span>
      )}
    </div>
  );
}

function Box({ node, rows }: { node: GraphNode; rows: readonly GraphRow[] }) {
  return (
    <>
      <div className="flex min-h-9 items-center gap-1.5 px-4 @min-[720px]:min-h-0 @min-[720px]:h-6 @min-[720px]:px-2">
        <StateIcon state={node.state} />
        <span className="font-strong">{node.name}</span>
        <span className="ml-auto text-ink-3 @min-[720px]:type-small @min-[720px]:ml-0">
          <span className="@min-[720px]:sr-only">{runStatus(node.state).word}, </span>
          {node.fact}
        </span>
      </div>
      <ol>
        {rows.map((row) => (
          <li
            key={row.id}
            className="type-base relative flex min-h-9 items-center gap-1.5 border-t border-line pr-4 pl-9 @min-[720px]:type-small @min-[720px]:h-5.75 @min-[720px]:min-h-0 @min-[720px]:px-2"
          >
            <span className="@min-[720px]:hidden">
              <StateIcon state={row.state} />
            </span>
            <span className="min-w-0 flex-1 truncate font-medium @min-[720px]:w-27 @min-[720px]:flex-none">
              {row.href === undefined ? (
                row.name
              ) : (
                <Link href={row.href} className="stretch-link focus-inset">
                  {row.name}
                </Link>
              )}
            </span>
            <span
              className={cn(
                "hidden items-center gap-1.25 font-medium @min-[720px]:flex",
                HUE_TEXT[runStatus(row.state).hue],
              )}
            >
              <StateIcon state={row.state} />
              {row.word}
            </span>
            {row.share !== undefined && (
              <ShareBar
                share={row.share}
                state={row.state}
                label={`${row.name}, share of rows`}
                figure={false}
                className="w-16 @min-[720px]:hidden"
              />
            )}
            <span className="w-34 text-right whitespace-nowrap text-ink-3 @min-[720px]:ml-auto @min-[720px]:w-auto">
              <span className="@min-[720px]:hidden">
                {row.word} {""}
              </span>
              {row.figure}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}
