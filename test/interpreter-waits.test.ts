import { afterEach, describe, expect, it, vi } from "vitest";

import { runStateMachine } from "@/server/runs/interpreter";
import { stateMachine } from "@/server/runs/state-machine";
import { TRANSIENT, TaskError } from "@/server/runs/task-error";

// The fake clock does not reach into node:timers/promises; this is the same on top of the global timers, which it does.
vi.mock("node:timers/promises", () => ({
  setTimeout: async (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)),
}));

describe("the waits between attempts", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([
    ["bulk_load", [30, 60, 120]],
    ["incremental", [15, 30, 60]],
  ])("%s: %j s", async (strategy, waits) => {
    vi.useFakeTimers();
    const start = Date.now();
    const begun: number[] = [];
    const fail = async (): Promise<never> => {
      begun.push((Date.now() - start) / 1000);
      throw new TaskError(TRANSIENT, "ClickHouse cannot be reached");
    };
    const walking = runStateMachine(
      stateMachine,
      { run_id: "01RUN", tenant_id: "acme" },
      {
        handlers: {
          "${InitializerFunctionArn}": async () => ({ strategy, tables: ["tickets"] }),
          "${BulkLoaderFunctionArn}": fail,
          "${ScdProcessorFunctionArn}": fail,
          "${DeadLetterFunctionArn}": async () => ({}),
          "${ValidatorFunctionArn}": async () => ({}),
        },
        signal: new AbortController().signal,
      },
    );
    await vi.runAllTimersAsync();
    await walking;
    const [first = 0, second = 0, third = 0] = waits;
    expect(begun).toEqual([0, first, first + second, first + second + third]);
  });
});
