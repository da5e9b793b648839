import { setTimeout as pause } from "node:timers/promises";

import { describe, expect, it, vi } from "vitest";
import { z } from "zod";

import { type TaskHandlers, runStateMachine } from "@/server/runs/interpreter";
import { parseStateMachine, stateMachine } from "@/server/runs/state-machine";
import definitionJson from "@/server/runs/state-machine.asl.json";
import { TRANSIENT, TaskError } from "@/server/runs/task-error";

const INITIALIZE = "${InitializerFunctionArn}";
const BULK = "${BulkLoaderFunctionArn}";
const INCREMENT = "${ScdProcessorFunctionArn}";
const DEAD_LETTER = "${DeadLetterFunctionArn}";
const VALIDATE = "${ValidatorFunctionArn}";
const SHORT_NAMES: Readonly<Record<string, string>> = {
  [INITIALIZE]: "initialize",
  [BULK]: "bulk",
  [INCREMENT]: "increment",
  [DEAD_LETTER]: "dead-letter",
  [VALIDATE]: "validate",
};

const INPUT = { run_id: "01RUN", tenant_id: "acme" };
const transient = (): TaskError => new TaskError(TRANSIENT, "ClickHouse cannot be reached");

/** Handlers that do nothing but note the calls; `table` answers for the tables' tasks. */
function scene(
  strategy: string,
  tables: readonly string[],
  table: (name: string, call: number) => unknown = () => ({ more: false }),
): {
  handlers: TaskHandlers;
  /** Such as `bulk tickets`, in order of their beginning. */
  calls: string[];
  inputs: Record<string, unknown>[];
} {
  const calls: string[] = [];
  const inputs: Record<string, unknown>[] = [];
  const times = new Map<string, number>();
  const answer = (resource: string) => async (input: Record<string, unknown>) => {
    const name = String(input["table_name"] ?? "");
    calls.push(`${SHORT_NAMES[resource]} ${name}`.trim());
    inputs.push(input);
    if (resource === INITIALIZE) return { strategy, tables };
    if (resource === VALIDATE) return { status: "succeeded" };
    if (resource === DEAD_LETTER) return { table_name: name, status: "failed", more: false };
    const call = (times.get(name) ?? 0) + 1;
    times.set(name, call);
    return table(name, call);
  };
  const handlers = Object.fromEntries(
    Object.keys(SHORT_NAMES).map((resource) => [resource, answer(resource)]),
  );
  return { handlers, calls, inputs };
}

async function walk(
  { handlers }: { handlers: TaskHandlers },
  options: { signal?: AbortSignal; delays?: number[] } = {},
): Promise<Record<string, unknown>> {
  return runStateMachine(stateMachine, INPUT, {
    handlers,
    signal: options.signal ?? new AbortController().signal,
    delayScale: 0,
    onRetry: (_state, _input, _error, next) => options.delays?.push(next.delaySeconds),
  });
}

function failing(...calls: number[]): (name: string, call: number) => unknown {
  return (name, call) => {
    if (name === "tickets" && calls.includes(call)) throw transient();
    return { more: false };
  };
}

describe("a walk over the state machine", () => {
  const ALWAYS = [1, 2, 3, 4, 5];
  const two = ["tickets", "contacts"] as const;
  it.each<{
    path: string;
    strategy: string;
    table?: (name: string, call: number) => unknown;
    calls: string[];
    delays?: number[];
  }>([
    {
      path: "bulk",
      strategy: "bulk_load",
      calls: ["initialize", "bulk tickets", "bulk contacts", "validate"],
    },
    {
      path: "incremental",
      strategy: "incremental",
      calls: ["initialize", "increment tickets", "increment contacts", "validate"],
    },
    {
      path: "bulk, one retry and success",
      strategy: "bulk_load",
      table: failing(1),
      calls: ["initialize", "bulk tickets", "bulk contacts", "bulk tickets", "validate"],
      delays: [30],
    },
    {
      path: "bulk, retries exhausted: dead letter, and the other table goes on",
      strategy: "bulk_load",
      table: failing(...ALWAYS),
      calls: [
        "initialize",
        "bulk tickets",
        "bulk contacts",
        "bulk tickets",
        "bulk tickets",
        "bulk tickets",
        "dead-letter tickets",
        "validate",
      ],
      delays: [30, 60, 120],
    },
    {
      path: "incremental, retries exhausted: dead letter, and the other table goes on",
      strategy: "incremental",
      table: failing(...ALWAYS),
      calls: [
        "initialize",
        "increment tickets",
        "increment contacts",
        "increment tickets",
        "increment tickets",
        "increment tickets",
        "dead-letter tickets",
        "validate",
      ],
      delays: [15, 30, 60],
    },
    {
      path: "a failure that does not pass is not tried again",
      strategy: "incremental",
      table: (name) => {
        if (name === "tickets") throw new TaskError("RejectThresholdError", "too many rejected");
        return { more: false };
      },
      calls: [
        "initialize",
        "increment tickets",
        "increment contacts",
        "dead-letter tickets",
        "validate",
      ],
    },
    {
      path: "more: true calls the task again",
      strategy: "incremental",
      table: (name, call) => ({ more: name === "tickets" && call < 3 }),
      calls: [
        "initialize",
        "increment tickets",
        "increment contacts",
        "increment tickets",
        "increment tickets",
        "validate",
      ],
    },
    {
      path: "each call of a loop has its own retries",
      strategy: "incremental",
      table: (name, call) => {
        if (name === "tickets" && [1, 2, 3, 5, 6, 7].includes(call)) throw transient();
        return { more: name === "tickets" && call < 8 };
      },
      calls: [
        "initialize",
        "increment tickets",
        "increment contacts",
        "increment tickets",
        "increment tickets",
        "increment tickets",
        "increment tickets",
        "increment tickets",
        "increment tickets",
        "increment tickets",
        "validate",
      ],
      delays: [15, 30, 60, 15, 30, 60],
    },
  ])("$path", async ({ strategy, table, calls, delays = [] }) => {
    const play = scene(strategy, two, table);
    const seen: number[] = [];
    const data = await walk(play, { delays: seen });
    expect([...play.calls].sort()).toEqual([...calls].sort());
    expect(play.calls[0]).toBe("initialize");
    expect(play.calls.at(-1)).toBe("validate");
    expect(seen).toEqual(delays);
    expect(data["validation"]).toEqual({ status: "succeeded" });
  });

  it("refuses an unknown strategy before any table", async () => {
    const play = scene("sideways", ["tickets"]);
    await expect(walk(play)).rejects.toMatchObject({ name: "InvalidStrategy" });
    expect(play.calls).toEqual(["initialize"]);
  });

  it("goes to the validation where there is no table", async () => {
    const play = scene("incremental", []);
    expect(await walk(play)).toMatchObject({ tables: [] });
    expect(play.calls).toEqual(["initialize", "validate"]);
  });

  it("hands each table what the Map's selector says, and the dead letter the error", async () => {
    const play = scene("bulk_load", ["tickets"], () => {
      throw new TaskError("UnbalancedError", "difference 1");
    });
    const data = await walk(play);
    const selected = { run_id: "01RUN", tenant_id: "acme", table_name: "tickets" };
    const error = { Error: "UnbalancedError", Cause: "difference 1" };
    const result = { table_name: "tickets", status: "failed", more: false };
    const called = (state: string): object => ({ ...selected, state, retry_count: 0 });
    expect(play.inputs[1]).toEqual(called("ProcessTableBulk"));
    expect(play.inputs[2]).toEqual({ ...called("DeadLetterBulk"), error });
    expect(data["tables"]).toEqual([{ ...selected, error, result }]);
    expect(data["run_id"]).toBe("01RUN");
  });

  it("keeps the results of a Map in the order of its items", async () => {
    const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    const play = scene("incremental", names, async (name) => {
      for (let turns = names.length - names.indexOf(name); turns > 0; turns--)
        await Promise.resolve();
      return { more: false };
    });
    const data = await walk(play);
    expect((data["tables"] as { table_name: string }[]).map((one) => one.table_name)).toEqual(
      names,
    );
  });

  it.each([
    ["bulk_load", 4],
    ["incremental", 6],
  ])("%s has at most %i tables at work", async (strategy, most) => {
    const names = Array.from({ length: 13 }, (_, index) => `table_${index}`);
    const open: (() => void)[] = [];
    let atWork = 0;
    let peak = 0;
    const play = scene(strategy, names, async () => {
      peak = Math.max(peak, ++atWork);
      await new Promise<void>((resolve) => open.push(resolve));
      atWork--;
      return { more: false };
    });
    const walking = walk(play);
    for (let done = 0; done < names.length; done++) {
      const expected = Math.min(most, names.length - done);
      await vi.waitFor(() =>
        expect({ atWork, open: open.length }).toEqual({ atWork: expected, open: expected }),
      );
      open.shift()?.();
    }
    await walking;
    expect(peak).toBe(most);
    expect(play.calls.filter((call) => call.includes("table_"))).toHaveLength(names.length);
  });

  it("lets the other tables end where one fails for good and even its dead letter does", async () => {
    const play = scene("incremental", ["tickets", "contacts", "companies"], (name) => {
      if (name === "tickets") throw new TaskError("SomeError", "broken");
      return { more: false };
    });
    const handlers = {
      ...play.handlers,
      [DEAD_LETTER]: async () => Promise.reject(new TaskError("SomeError", "no dead letter")),
    };
    await expect(walk({ handlers })).rejects.toMatchObject({ message: "no dead letter" });
    expect(play.calls).toContain("increment contacts");
    expect(play.calls).toContain("increment companies");
    expect(play.calls).not.toContain("validate");
  });

  it("tries a dead letter again that ClickHouse could not take", async () => {
    const play = scene("bulk_load", ["tickets"], () => {
      throw new TaskError("SomeError", "broken");
    });
    const { [DEAD_LETTER]: dead } = play.handlers;
    let failures = 2;
    const handlers: TaskHandlers = {
      ...play.handlers,
      [DEAD_LETTER]: async (input, context) => {
        if (failures-- > 0) throw transient();
        return dead?.(input, context);
      },
    };
    await walk({ handlers });
    expect(play.calls).toEqual(["initialize", "bulk tickets", "dead-letter tickets", "validate"]);
  });

  it("ends a task whose time is up and tries it again", async () => {
    const definition = structuredClone(definitionJson);
    definition.States.IncrementalDataMovement.ItemProcessor.States.ProcessTableIncremental.TimeoutSeconds = 0.05;
    const play = scene("incremental", ["tickets"]);
    const attempts: number[] = [];
    const handlers: TaskHandlers = {
      ...play.handlers,
      [INCREMENT]: async (_input, { signal, attempt }) => {
        attempts.push(attempt);
        if (attempt < 3) await pause(60_000, undefined, { signal });
        return { more: false };
      },
    };
    const errors: string[] = [];
    await runStateMachine(parseStateMachine(definition), INPUT, {
      handlers,
      signal: new AbortController().signal,
      delayScale: 0,
      onRetry: (_state, _input, error) => errors.push(error.name),
    });
    expect(attempts).toEqual([1, 2, 3]);
    expect(errors).toEqual(["States.Timeout", "States.Timeout"]);
  });

  it("stops in the middle of a task when the signal comes, without a retry or a dead letter", async () => {
    const cancel = new AbortController();
    const play = scene("incremental", ["tickets", "contacts"]);
    const ended: string[] = [];
    const handlers: TaskHandlers = {
      ...play.handlers,
      [INCREMENT]: async (input, { signal }) => {
        if (input["table_name"] === "contacts") cancel.abort(new Error("cancelled"));
        await pause(60_000, undefined, { signal }).finally(() =>
          ended.push(String(input["table_name"])),
        );
      },
    };
    const delays: number[] = [];
    await expect(walk({ handlers }, { signal: cancel.signal, delays })).rejects.toThrow(/aborted/);
    expect(ended.sort()).toEqual(["contacts", "tickets"]);
    expect(delays).toEqual([]);
    expect(play.calls).toEqual(["initialize"]);
  });

  it("stops in the middle of a wait when the signal comes", async () => {
    const cancel = new AbortController();
    const play = scene("bulk_load", ["tickets"], failing(1));
    const walking = runStateMachine(stateMachine, INPUT, {
      handlers: play.handlers,
      signal: cancel.signal,
      onRetry: () => queueMicrotask(() => cancel.abort(new Error("cancelled"))),
    });
    await expect(walking).rejects.toThrow(/aborted/);
    expect(play.calls).toEqual(["initialize", "bulk tickets"]);
  });
});

describe("the definition", () => {
  const changed = (change: (states: Record<string, object>) => object): unknown => ({
    ...definitionJson,
    States: { ...definitionJson.States, ...change(definitionJson.States) },
  });

  it("is of the subset that the interpreter knows", () => {
    expect(parseStateMachine(definitionJson)).toEqual(definitionJson);
  });

  it("has every state that it names, and a way to each", () => {
    const check = (flow: { StartAt: string; States: Record<string, object> }): void => {
      const named = new Set(
        [...JSON.stringify(flow).matchAll(/"(?:Next|Default|StartAt)":"([^"]+)"/g)].map(
          (match) => match[1],
        ),
      );
      const nested = Object.values(flow.States).flatMap((state) =>
        "ItemProcessor" in state ? [state.ItemProcessor as Parameters<typeof check>[0]] : [],
      );
      const known = [flow, ...nested].flatMap((one) => Object.keys(one.States));
      expect([...named].sort()).toEqual(known.sort());
    };
    check(definitionJson);
  });

  it.each<[string, (states: Record<string, object>) => object]>([
    ["a Wait state", () => ({ Pause: { Type: "Wait", Seconds: 5, Next: "ValidateDataMovement" } })],
    ["a Parallel state", () => ({ Fork: { Type: "Parallel", Branches: [], End: true } })],
    ["a Pass state", () => ({ Through: { Type: "Pass", End: true } })],
    [
      "an InputPath",
      (states) => ({
        ValidateDataMovement: { ...states["ValidateDataMovement"], InputPath: "$.a" },
      }),
    ],
    [
      "a heartbeat",
      (states) => ({
        ValidateDataMovement: { ...states["ValidateDataMovement"], HeartbeatSeconds: 5 },
      }),
    ],
    [
      "a distributed Map",
      (states) => ({
        BulkDataMovement: { ...states["BulkDataMovement"], ToleratedFailureCount: 1 },
      }),
    ],
    [
      "a condition other than equality",
      () => ({
        DetermineMovementStrategy: {
          Type: "Choice",
          Choices: [{ Variable: "$.n", NumericGreaterThan: 1, Next: "InvalidStrategy" }],
          Default: "InvalidStrategy",
        },
      }),
    ],
    [
      "a retry without its figures",
      (states) => ({
        ValidateDataMovement: {
          ...states["ValidateDataMovement"],
          Retry: [{ ErrorEquals: ["States.ALL"] }],
        },
      }),
    ],
  ])("refuses %s", (_what, change) => {
    expect(() => parseStateMachine(changed(change))).toThrow(z.ZodError);
  });

  it("fails a task whose Parameters lead nowhere", async () => {
    const definition = structuredClone(definitionJson);
    definition.States.ValidateDataMovement.Parameters["run_id.$"] = "$.nowhere";
    const { handlers, calls } = scene("bulk_load", []);
    const walking = runStateMachine(parseStateMachine(definition), INPUT, {
      handlers,
      signal: new AbortController().signal,
    });
    await expect(walking).rejects.toMatchObject({ name: "States.ParameterPathFailure" });
    expect(calls).toEqual(["initialize"]);
  });

  it("names a resource that nothing is behind", async () => {
    const { handlers } = scene("bulk_load", ["tickets"]);
    const { [VALIDATE]: _none, ...rest } = handlers;
    await expect(walk({ handlers: rest })).rejects.toThrow(/resource \$\{ValidatorFunctionArn\}/);
  });
});
