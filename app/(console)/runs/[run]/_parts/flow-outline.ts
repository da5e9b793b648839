import type { StateMachineDefinition } from "@/server/runs/state-machine";

/** A state of the state machine as far as it is drawn. */
export interface OutlineState {
  readonly name: string;
  readonly type: "Task" | "Choice" | "Map" | "Fail" | "Succeed";
  /** Where it goes on; null at an end. A choice goes where the run's strategy leads. */
  readonly next: string | null;
  /** Where a choice goes for each strategy, and for none of them. */
  readonly branches: Readonly<Record<string, string>>;
  readonly otherwise: string | null;
  /** Whether a failure inside a map's item is caught and leads to the dead letters. */
  readonly catches: boolean;
  readonly maxConcurrency: number | null;
}

/** The state machine's outer states by name, and the first. */
export interface FlowOutline {
  readonly start: string;
  readonly states: Readonly<Record<string, OutlineState>>;
}

/** What of a state machine the page draws, taken from its definition. Pure. */
export function flowOutline(definition: StateMachineDefinition): FlowOutline {
  return {
    start: definition.StartAt,
    states: Object.fromEntries(
      Object.entries(definition.States).map(([name, state]): [string, OutlineState] => [
        name,
        {
          name,
          type: state.Type,
          next: "Next" in state ? (state.Next ?? null) : null,
          branches:
            state.Type === "Choice"
              ? Object.fromEntries(
                  state.Choices.flatMap((choice) =>
                    choice.StringEquals === undefined ? [] : [[choice.StringEquals, choice.Next]],
                  ),
                )
              : {},
          otherwise: state.Type === "Choice" ? state.Default : null,
          catches:
            state.Type === "Map" &&
            Object.values(state.ItemProcessor.States).some(
              (inner) => inner.Type === "Task" && (inner.Catch?.length ?? 0) > 0,
            ),
          maxConcurrency: state.Type === "Map" ? state.MaxConcurrency : null,
        },
      ]),
    ),
  };
}
