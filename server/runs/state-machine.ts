import { z } from "zod";

import definitionJson from "./state-machine.asl.json";

const Path = z.string().regex(/^\$/);
const Retrier = z.strictObject({
  ErrorEquals: z.array(z.string()).min(1),
  IntervalSeconds: z.number().min(1),
  MaxAttempts: z.number().int().min(0),
  BackoffRate: z.number().min(1),
});
const Catcher = z.strictObject({
  ErrorEquals: z.array(z.string()).min(1),
  ResultPath: Path.optional(),
  Next: z.string(),
});
const Common = { Comment: z.string().optional() };
const Onwards = { Next: z.string().optional(), End: z.literal(true).optional() };

const Task = z.strictObject({
  ...Common,
  ...Onwards,
  Type: z.literal("Task"),
  /** `${…FunctionArn}`: a Lambda on AWS, a function of the same name here. */
  Resource: z.string(),
  /** What the task is given; a key that ends in `.$` is a path into the data (`$.`) or the context (`$$.`). */
  Parameters: z.record(z.string(), z.unknown()).optional(),
  TimeoutSeconds: z.number().positive(),
  Retry: z.array(Retrier).optional(),
  Catch: z.array(Catcher).optional(),
  ResultPath: Path.optional(),
});
const Choice = z.strictObject({
  ...Common,
  Type: z.literal("Choice"),
  Choices: z.array(
    z.strictObject({
      Variable: Path,
      StringEquals: z.string().optional(),
      BooleanEquals: z.boolean().optional(),
      Next: z.string(),
    }),
  ),
  Default: z.string(),
});
const Fail = z.strictObject({
  ...Common,
  Type: z.literal("Fail"),
  Error: z.string(),
  Cause: z.string(),
});
const Succeed = z.strictObject({ ...Common, Type: z.literal("Succeed") });
const Leaf = z.discriminatedUnion("Type", [Task, Choice, Fail, Succeed]);
const Flow = z.object({ StartAt: z.string(), States: z.record(z.string(), Leaf) });
const MapState = z.strictObject({
  ...Common,
  ...Onwards,
  Type: z.literal("Map"),
  ItemsPath: Path,
  MaxConcurrency: z.number().int().min(1),
  ItemSelector: z.record(z.string(), z.unknown()),
  ItemProcessor: Flow.extend({ ProcessorConfig: z.object({ Mode: z.literal("INLINE") }) }),
  ResultPath: Path.optional(),
});
const State = z.discriminatedUnion("Type", [Task, Choice, Fail, Succeed, MapState]);
const StateMachine = z.object({
  Comment: z.string().optional(),
  StartAt: z.string(),
  States: z.record(z.string(), State),
});

export type TaskState = z.infer<typeof Task>;
export type ChoiceState = z.infer<typeof Choice>;
export type MapStateDefinition = z.infer<typeof MapState>;
export type StateDefinition = z.infer<typeof State>;
export type StateMachineDefinition = z.infer<typeof StateMachine>;
export type FlowDefinition = { StartAt: string; States: Record<string, StateDefinition> };

/**
 * The subset of the Amazon States Language that the runner, the console and Step Functions share.
 *
 * @throws ZodError naming the state and field that is not of the subset
 */
export function parseStateMachine(json: unknown): StateMachineDefinition {
  return StateMachine.parse(json);
}

/** The product's state machine. */
export const stateMachine: StateMachineDefinition = parseStateMachine(definitionJson);
