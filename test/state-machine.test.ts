import { setTimeout as pause } from "node:timers/promises";

import validate from "asl-validator";
import { describe, expect, it } from "vitest";

import { type TaskHandlers, runStateMachine } from "@/server/runs/interpreter";
import { parseStateMachine } from "@/server/runs/state-machine";
import definitionJson from "@/server/runs/state-machine.asl.json";
import { TRANSIENT, TaskError } from "@/server/runs/task-error";

import { lintStateMachine } from "./support/lint-state-machine";

type Definition = typeof definitionJson;

const RESOURCES = {
  initialize: "${InitializerFunctionArn}",
  bulk: "${BulkLoaderFunctionArn}",
  increment: "${ScdProcessorFunctionArn}",
  deadLetter: "${DeadLetterFunctionArn}",
  validate: "${ValidatorFunctionArn}",
} as const;

/** As CDK fills the placeholders in. */
function substituted(): unknown {
  const text = JSON.stringify(definitionJson).replaceAll(
    /\$\{([A-Za-z]+)FunctionArn\}/g,
    (_all, name: string) => `arn:aws:lambda:eu-north-1:123456789012:function:avesa-${name}`,
  );
  return JSON.parse(text);
}

describe("the definition", () => {
  it("is valid for Step Functions, with placeholders and with ARNs in their place", () => {
    for (const definition of [structuredClone(definitionJson), substituted()]) {
      const { isValid, errorsText } = validate(definition);
      expect(isValid ? "" : errorsText("\n")).toBe("");
    }
  });

  it("has no fault of our own lint", () => {
    expect(lintStateMachine(definitionJson)).toEqual([]);
  });

  it("has the concurrency, time-outs and retries that were asked for", () => {
    const { BulkDataMovement: bulk, IncrementalDataMovement: increment } = definitionJson.States;
    expect([bulk.MaxConcurrency, increment.MaxConcurrency]).toEqual([4, 6]);
    const figures = (
      task: typeof bulk.ItemProcessor.States.ProcessTableBulk,
    ): readonly unknown[] => [
      task.TimeoutSeconds,
      ...task.Retry.map((one) => [one.IntervalSeconds, one.MaxAttempts, one.BackoffRate]),
    ];
    expect(figures(bulk.ItemProcessor.States.ProcessTableBulk)).toEqual([900, [30, 3, 2]]);
    expect(figures(increment.ItemProcessor.States.ProcessTableIncremental)).toEqual([
      600,
      [15, 3, 2],
    ]);
  });

  it.each<[string, RegExp, (definition: Definition) => void]>([
    [
      "a shrinking retry",
      /makes the waits shrink/,
      (one) => {
        for (const retrier of one.States.ValidateDataMovement.Retry) retrier.BackoffRate = 0.5;
      },
    ],
    [
      "States.ALL before other names",
      /not the last in Catch/,
      (one) => {
        one.States.BulkDataMovement.ItemProcessor.States.ProcessTableBulk.Catch.push({
          ErrorEquals: ["TransientError"],
          ResultPath: "$.error",
          Next: "DeadLetterBulk",
        });
      },
    ],
    [
      "States.ALL beside other names",
      /beside other names/,
      (one) => {
        const { ProcessTableBulk: task } = one.States.BulkDataMovement.ItemProcessor.States;
        for (const catcher of task.Catch) catcher.ErrorEquals = ["States.ALL", "TransientError"];
      },
    ],
    [
      "a retry of everything",
      /tries what cannot pass/,
      (one) => {
        for (const retrier of one.States.InitializeDataMovement.Retry)
          retrier.ErrorEquals = ["States.ALL"];
      },
    ],
    [
      "a state that nothing leads to",
      /Nothing leads to Lost/,
      (one) => {
        Object.assign(one.States, { Lost: { Type: "Succeed" } });
      },
    ],
    [
      "a way to nowhere",
      /Nowhere is named/,
      (one) => {
        one.States.InitializeDataMovement.Next = "Nowhere";
      },
    ],
    [
      "a task without an end",
      /without TimeoutSeconds/,
      (one) => {
        Object.assign(one.States.ValidateDataMovement, { TimeoutSeconds: undefined });
      },
    ],
  ])("is refused with %s", (_what, fault, spoil) => {
    const spoilt = structuredClone(definitionJson);
    spoil(spoilt);
    expect(lintStateMachine(spoilt).join("\n")).toMatch(fault);
  });
});

/** Error names that pass by themselves, as the definition has them. */
const TRANSIENTS = definitionJson.States.InitializeDataMovement.Retry.flatMap(
  (retrier) => retrier.ErrorEquals,
);

/** What cannot pass: a definition, a permission, a record too many. */
const LASTING = [
  "UnknownTable",
  "AUTHENTICATION_FAILED",
  "ACCESS_DENIED",
  "NOT_ENOUGH_SPACE",
  "RejectThresholdError",
  "UnbalancedError",
  "AccessDeniedException",
] as const;

type Task = "initialize" | "table" | "deadLetter" | "validate";

/** What a task does, call by call; after the last it goes well. `hang` lets its time run out. */
type Deed = string | { more: true } | "hang" | "cancel";

interface Path {
  readonly strategy?: string;
  readonly tables?: readonly string[];
  readonly deeds?: Partial<Record<Task, readonly Deed[]>>;
  /** How it ends; a name where it fails. */
  readonly end: "through" | "cancelled" | string;
  /** Seconds waited before each further attempt. */
  readonly waits?: readonly number[];
  readonly deadLetters?: number;
  readonly tableCalls?: number;
}

const STRATEGIES = [
  { strategy: "bulk_load", waits: [30, 60, 120] },
  { strategy: "incremental", waits: [15, 30, 60] },
] as const;

const OWN_WAITS = [15, 30, 60];

function failing(times: number, name: string = TRANSIENT): string[] {
  return Array.from({ length: times }, () => name);
}

const paths: [string, Path][] = [
  ["a strategy that does not exist", { strategy: "sideways", end: "InvalidStrategy" }],
  ["no strategy at all", { strategy: "", end: "InvalidStrategy" }],
  ["no tables", { strategy: "incremental", tables: [], end: "through", tableCalls: 0 }],
  ...STRATEGIES.flatMap(({ strategy, waits }): [string, Path][] => {
    const path = (what: string, rest: Omit<Path, "strategy">): [string, Path] => [
      `${strategy}: ${what}`,
      { strategy, ...rest },
    ];
    return [
      path("straight through", { end: "through", tableCalls: 1 }),
      ...TRANSIENTS.map((name) =>
        path(`${name}, tried again`, {
          deeds: { table: [name] },
          end: "through",
          waits: waits.slice(0, 1),
          tableCalls: 2,
        }),
      ),
      ...LASTING.map((name) =>
        path(`${name}, at once a dead letter`, {
          deeds: { table: [name] },
          end: "through",
          deadLetters: 1,
          tableCalls: 1,
        }),
      ),
      path("the last retry is good", {
        deeds: { table: failing(3) },
        end: "through",
        waits,
        tableCalls: 4,
      }),
      path("retries exhausted", {
        deeds: { table: failing(4) },
        end: "through",
        waits,
        deadLetters: 1,
        tableCalls: 4,
      }),
      path("a transient failure, then a lasting one", {
        deeds: { table: [TRANSIENT, "UnknownTable"] },
        end: "through",
        waits: waits.slice(0, 1),
        deadLetters: 1,
        tableCalls: 2,
      }),
      path("time is up once", {
        deeds: { table: ["hang"] },
        end: "through",
        waits: waits.slice(0, 1),
        tableCalls: 2,
      }),
      path("time is up every time", {
        deeds: { table: ["hang", "hang", "hang", "hang"] },
        end: "through",
        waits,
        deadLetters: 1,
        tableCalls: 4,
      }),
      path("more to do, twice", {
        deeds: { table: [{ more: true }, { more: true }] },
        end: "through",
        tableCalls: 3,
      }),
      path("more to do, and each call has retries of its own", {
        deeds: { table: [...failing(3), { more: true }, ...failing(3)] },
        end: "through",
        waits: [...waits, ...waits],
        tableCalls: 8,
      }),
      path("the dead letter is tried again", {
        deeds: { table: ["UnknownTable"], deadLetter: failing(3) },
        end: "through",
        waits: OWN_WAITS,
        deadLetters: 4,
        tableCalls: 1,
      }),
      path("even the dead letter fails", {
        deeds: { table: ["UnknownTable"], deadLetter: ["ACCESS_DENIED"] },
        end: "ACCESS_DENIED",
        deadLetters: 1,
        tableCalls: 1,
      }),
      path("cancelled at work on a table", {
        deeds: { table: ["cancel"] },
        end: "cancelled",
        tableCalls: 1,
      }),
      path("cancelled while it writes a dead letter", {
        deeds: { table: ["UnknownTable"], deadLetter: ["cancel"] },
        end: "cancelled",
        deadLetters: 1,
        tableCalls: 1,
      }),
      ...(["initialize", "validate"] as const).flatMap((task): [string, Path][] => [
        path(`${task} tried again`, {
          deeds: { [task]: failing(3) },
          end: "through",
          waits: OWN_WAITS,
          tableCalls: 1,
        }),
        path(`${task} fails for good`, {
          deeds: { [task]: failing(4) },
          end: TRANSIENT,
          waits: OWN_WAITS,
          tableCalls: task === "initialize" ? 0 : 1,
        }),
        path(`${task} fails at once`, {
          deeds: { [task]: ["UnknownTenant"] },
          end: "UnknownTenant",
          tableCalls: task === "initialize" ? 0 : 1,
        }),
        path(`${task} runs out of time`, {
          deeds: { [task]: ["hang"] },
          end: "through",
          waits: OWN_WAITS.slice(0, 1),
          tableCalls: 1,
        }),
        path(`cancelled in ${task}`, {
          deeds: { [task]: ["cancel"] },
          end: "cancelled",
          tableCalls: task === "initialize" ? 0 : 1,
        }),
      ]),
    ];
  }),
];

/** The definition with every time-out shortened, so that letting one run out costs nothing. */
function hurried(): unknown {
  return JSON.parse(
    JSON.stringify(definitionJson).replaceAll(/"TimeoutSeconds":\d+/g, '"TimeoutSeconds":0.02'),
  );
}

describe("every path", () => {
  const steps = new Set<string>();

  it.each(paths)("%s", async (_what, path) => {
    const left = structuredClone(path.deeds ?? {}) as Record<string, Deed[] | undefined>;
    const cancel = new AbortController();
    const calls = { table: 0, deadLetter: 0 };
    const act = async (task: Task, signal: AbortSignal): Promise<{ more: boolean }> => {
      if (task === "table" || task === "deadLetter") calls[task] += 1;
      const deed = left[task]?.shift();
      if (deed === undefined) return { more: false };
      if (typeof deed === "object") return deed;
      if (deed === "hang" || deed === "cancel") {
        if (deed === "cancel") cancel.abort(new Error("cancelled"));
        await pause(60_000, undefined, { signal });
      }
      throw new TaskError(deed, "as the test wants it");
    };
    const handlers: TaskHandlers = {
      [RESOURCES.initialize]: async (_input, { signal }) => {
        await act("initialize", signal);
        return { strategy: path.strategy, tables: path.tables ?? ["tickets"] };
      },
      [RESOURCES.bulk]: async (_input, { signal }) => act("table", signal),
      [RESOURCES.increment]: async (_input, { signal }) => act("table", signal),
      [RESOURCES.deadLetter]: async (_input, { signal }) => act("deadLetter", signal),
      [RESOURCES.validate]: async (_input, { signal }) => act("validate", signal),
    };
    const waits: number[] = [];
    let before = "";
    const definition = parseStateMachine(path.deeds === undefined ? definitionJson : hurried());
    const end = await runStateMachine(
      definition,
      { run_id: "01RUN", tenant_id: "acme" },
      {
        handlers,
        signal: cancel.signal,
        delayScale: 0,
        onRetry: (_state, _input, _error, { delaySeconds }) => waits.push(delaySeconds),
        onState: (moment, name, state) => {
          if (moment === "entered") steps.add(`${before} → ${name}`);
          before = name;
          if (moment === "exited" && state.Type === "Succeed") before = "";
        },
      },
    ).then(
      () => "through",
      (error: Error) => (cancel.signal.aborted ? "cancelled" : error.name),
    );
    expect({ end, waits, deadLetters: calls.deadLetter, tableCalls: calls.table }).toEqual({
      end: path.end,
      waits: path.waits ?? [],
      deadLetters: path.deadLetters ?? 0,
      tableCalls: path.tableCalls ?? 0,
    });
    expect(Object.values(left).flat()).toEqual([]);
  });

  it("walked every state and every way from one to the next", () => {
    const ways = new Set<string>();
    const collect = (flow: { StartAt: string; States: Record<string, object> }): void => {
      for (const [name, state] of Object.entries(flow.States)) {
        for (const [, next] of JSON.stringify({ ...state, ItemProcessor: undefined }).matchAll(
          /"(?:Next|Default)":"([^"]+)"/g,
        )) {
          ways.add(`${name} → ${next}`);
        }
        if ("ItemProcessor" in state) collect(state.ItemProcessor as typeof flow);
      }
    };
    collect(definitionJson);
    // Behind a Map the last state within it is what came before.
    const within = (way: string): boolean => /^(?:Bulk|Incremental)DataMovement → /.test(way);
    expect([...ways].filter((way) => !steps.has(way) && !within(way))).toEqual([]);
    expect([...steps].some((way) => way.endsWith("→ ValidateDataMovement"))).toBe(true);
  });
});
