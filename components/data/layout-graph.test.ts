import { describe, expect, it } from "vitest";
import { type GraphModel, layoutGraph } from "@/components/data/layout-graph";

const MODEL: GraphModel = {
  nodes: [
    { id: "init", name: "Initialize", state: "succeeded", fact: "0.8 s" },
    { id: "strategy", name: "Strategy", state: "succeeded", fact: "bulk, 0.2 s" },
    {
      id: "map",
      name: "Map",
      state: "running",
      rows: [
        {
          id: "companies",
          name: "companies",
          state: "succeeded",
          word: "Succeeded",
          figure: "2m 41s",
        },
        { id: "tickets", name: "tickets", state: "running", word: "Merging", figure: "82 %" },
      ],
    },
    { id: "validate", name: "Validate", state: "queued", fact: "waits for Map" },
    { id: "dead", name: "Dead letter", state: "queued" },
  ],
  edges: [
    { from: "init", to: "strategy", taken: true },
    { from: "strategy", to: "map", taken: true },
    { from: "map", to: "validate", taken: false },
    { from: "map", to: "dead", taken: false, failed: true },
  ],
};

describe("layoutGraph", () => {
  it("goes from left to right without overlap", () => {
    const graph = layoutGraph(MODEL);
    const row = graph.nodes.filter((placed) => placed.node.id !== "dead");
    const gaps = row.slice(1).map((placed, index) => {
      const before = row[index];
      return placed.x - ((before?.x ?? 0) + (before?.width ?? 0));
    });
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(28);
    expect(graph.width).toBe((row.at(-1)?.x ?? 0) + (row.at(-1)?.width ?? 0));
  });

  it("sets a failed path below its source", () => {
    const graph = layoutGraph(MODEL);
    const map = graph.nodes.find((placed) => placed.node.id === "map");
    const dead = graph.nodes.find((placed) => placed.node.id === "dead");
    expect(dead?.y).toBeGreaterThan((map?.y ?? 0) + (map?.height ?? 0));
    expect(graph.edges.find((placed) => placed.edge.failed)?.head.turn).toBe(90);
  });

  it("takes the longest way for a layer", () => {
    const graph = layoutGraph({
      nodes: ["a", "b", "c"].map((id) => ({ id, name: id, state: "queued" as const })),
      edges: [
        { from: "a", to: "c", taken: false },
        { from: "a", to: "b", taken: false },
        { from: "b", to: "c", taken: false },
      ],
    });
    const [a, b, c] = graph.nodes;
    expect(a && b && c && a.x < b.x && b.x < c.x).toBe(true);
  });

  it("refuses a cycle", () => {
    expect(() =>
      layoutGraph({
        nodes: [
          { id: "a", name: "a", state: "queued" },
          { id: "b", name: "b", state: "queued" },
        ],
        edges: [
          { from: "a", to: "b", taken: true },
          { from: "b", to: "a", taken: true },
        ],
      }),
    ).toThrow(/cycle/);
  });
});
