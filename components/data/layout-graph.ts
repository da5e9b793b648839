import { isOpenRun, type RunState } from "@/lib/status";

/** A line inside a node that stands for many: a table of the map. */
export interface GraphRow {
  id: string;
  name: string;
  state: RunState;
  /** The state's word with what is known: `Merging`, `Retrying 2/3`. */
  word: string;
  /** At the right: `82 %`, `2m 41s`. */
  figure: string;
  /** 0 to 1 while it is worked on. */
  share?: number | undefined;
  href?: string | undefined;
}

export interface GraphNode {
  id: string;
  name: string;
  state: RunState;
  /** One line below the name: `bulk, 0.2 s`, `waits for Map`. */
  fact?: string | undefined;
  /** Makes the node a box that holds rows. */
  rows?: readonly GraphRow[] | undefined;
}

export interface GraphEdge {
  from: string;
  to: string;
  /** False until the run has gone this way: drawn dashed. */
  taken: boolean;
  /** A failed path to the dead letters. */
  failed?: boolean | undefined;
}

export interface GraphModel {
  nodes: readonly GraphNode[];
  edges: readonly GraphEdge[];
}

export interface PlacedNode {
  node: GraphNode;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface PlacedEdge {
  edge: GraphEdge;
  /** An SVG path without its head. */
  path: string;
  head: { x: number; y: number; turn: 0 | 90 };
}

export interface PlacedGraph {
  width: number;
  height: number;
  nodes: readonly PlacedNode[];
  edges: readonly PlacedEdge[];
}

const ROW = 23;
const GAP = 28;
const LANE_GAP = 20;
const NODE_HEIGHT = 47;

/** Widths are reckoned from the text, so that the server can draw the graph without measuring: wide enough for Inter at 13 and 11 px. */
function sizeOf(node: GraphNode): { width: number; height: number } {
  if (node.rows !== undefined) return { width: 300, height: 26 + ROW * node.rows.length };
  const name = node.name.length * 7.2 + 38;
  const fact = (node.fact?.length ?? 0) * 5.5 + 38;
  return { width: Math.ceil(Math.max(86, name, fact)), height: NODE_HEIGHT };
}

/**
 * Places a state machine from left to right: each node as far right as its longest way from the start, failed paths on a lane below. Small fixed graphs
 * only; a cycle throws.
 */
export function layoutGraph(model: GraphModel): PlacedGraph {
  const layer = layersOf(model);
  const failedTargets = new Set(
    model.edges.filter((edge) => edge.failed === true).map((edge) => edge.to),
  );
  const sizes = new Map(model.nodes.map((node) => [node.id, sizeOf(node)]));
  const size = (id: string) => sizes.get(id) ?? { width: 0, height: 0 };
  const main = model.nodes.filter((node) => !failedTargets.has(node.id));
  const below = model.nodes.filter((node) => failedTargets.has(node.id));

  const columns: GraphNode[][] = [];
  for (const node of main) {
    const index = layer.get(node.id) ?? 0;
    (columns[index] ??= []).push(node);
  }
  const filled = columns.filter((column) => column !== undefined && column.length > 0);
  const heightOf = (column: readonly GraphNode[]) =>
    column.reduce((sum, node) => sum + size(node.id).height, 0) + LANE_GAP * (column.length - 1);
  const mainHeight = Math.max(0, ...filled.map(heightOf));

  const placed = new Map<string, PlacedNode>();
  let x = 0;
  for (const column of filled) {
    const width = Math.max(...column.map((node) => size(node.id).width));
    let y = (mainHeight - heightOf(column)) / 2;
    for (const node of column) {
      const own = size(node.id);
      placed.set(node.id, { node, x: x + (width - own.width) / 2, y, ...own });
      y += own.height + LANE_GAP;
    }
    x += width + GAP;
  }

  let height = mainHeight;
  let freeFrom = 0;
  for (const node of below) {
    const own = size(node.id);
    const source = model.edges.find((edge) => edge.failed === true && edge.to === node.id);
    const from = source && placed.get(source.from);
    const wanted = from ? from.x + from.width / 2 - own.width / 2 : 0;
    const left = Math.max(freeFrom, wanted);
    placed.set(node.id, { node, x: left, y: mainHeight + LANE_GAP + 4, ...own });
    freeFrom = left + own.width + LANE_GAP;
    height = mainHeight + LANE_GAP + 4 + own.height;
  }

  const nodes = model.nodes.flatMap((node) => placed.get(node.id) ?? []);
  return {
    width: Math.max(x - GAP, freeFrom - LANE_GAP, 0),
    height,
    nodes,
    edges: model.edges.flatMap((edge) => {
      const from = placed.get(edge.from);
      const to = placed.get(edge.to);
      return from && to ? [placeEdge(edge, from, to)] : [];
    }),
  };
}

function placeEdge(edge: GraphEdge, from: PlacedNode, to: PlacedNode): PlacedEdge {
  if (edge.failed === true) {
    const x = Math.min(Math.max(from.x + from.width / 2, to.x + 8), to.x + to.width - 8);
    return {
      edge,
      path: `M${x} ${from.y + from.height}V${to.y - 4}`,
      head: { x, y: to.y, turn: 90 },
    };
  }
  const x1 = from.x + from.width;
  const y1 = from.y + from.height / 2;
  const y2 = to.y + to.height / 2;
  const middle = x1 + (to.x - x1) / 2;
  const path =
    Math.abs(y1 - y2) < 1 ? `M${x1} ${y1}H${to.x - 4}` : `M${x1} ${y1}H${middle}V${y2}H${to.x - 4}`;
  return { edge, path, head: { x: to.x, y: y2, turn: 0 } };
}

function layersOf(model: GraphModel): Map<string, number> {
  const incoming = new Map(model.nodes.map((node) => [node.id, 0]));
  for (const edge of model.edges) incoming.set(edge.to, (incoming.get(edge.to) ?? 0) + 1);
  const layer = new Map<string, number>();
  const ready = model.nodes.filter((node) => incoming.get(node.id) === 0).map((node) => node.id);
  for (const id of ready) layer.set(id, 0);
  for (let id = ready.shift(); id !== undefined; id = ready.shift()) {
    for (const edge of model.edges.filter((candidate) => candidate.from === id)) {
      layer.set(edge.to, Math.max(layer.get(edge.to) ?? 0, (layer.get(id) ?? 0) + 1));
      const left = (incoming.get(edge.to) ?? 0) - 1;
      incoming.set(edge.to, left);
      if (left === 0) ready.push(edge.to);
    }
  }
  if (layer.size < model.nodes.length || [...incoming.values()].some((count) => count > 0))
    throw new Error("The state graph has a cycle and cannot be placed");
  return layer;
}

/** True when a node is still ahead: queued, so its frame and text are quiet. */
export function isAhead(node: GraphNode): boolean {
  return node.state === "queued";
}

/** True when a node is being worked on: its frame is stronger. */
export function isAtWork(node: GraphNode): boolean {
  return node.state !== "queued" && isOpenRun(node.state);
}
