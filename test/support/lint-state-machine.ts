type Json = Readonly<Record<string, unknown>>;

interface Flow {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, Json>>;
}

const MOST_WAIT_S = 99_999_999;

/**
 * What is wrong with a state machine that asl-validator lets pass: retries that shrink, `States.ALL` where it hides what
 * comes after it, states that nothing leads to or from, and a Map's or a Task's way on.
 *
 * @returns one sentence a fault; none where it is sound
 */
export function lintStateMachine(flow: Flow, where = ""): string[] {
  const faults: string[] = [];
  const reached = new Set<string>();
  const open = [flow.StartAt];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    const state = flow.States[name];
    if (state === undefined) faults.push(`${where}${name} is named, but there is no such state.`);
    else open.push(...waysOn(state));
  }
  for (const [name, state] of Object.entries(flow.States)) {
    const place = `${where}${name}`;
    if (!reached.has(name)) faults.push(`Nothing leads to ${place}.`);
    faults.push(...lintRetry(place, state), ...lintCatch(place, state), ...lintEnd(place, state));
    if (state["ItemProcessor"] !== undefined) {
      faults.push(...lintStateMachine(state["ItemProcessor"] as Flow, `${place}/`));
    }
  }
  return faults;
}

function waysOn(state: Json): string[] {
  const choices = (state["Choices"] ?? []) as { Next: string }[];
  const catchers = (state["Catch"] ?? []) as { Next: string }[];
  return [state["Next"], state["Default"], ...[...choices, ...catchers].map((way) => way.Next)]
    .filter((next) => next !== undefined)
    .map(String);
}

function lintRetry(place: string, state: Json): string[] {
  const retriers = (state["Retry"] ?? []) as Json[];
  return retriers.flatMap((retrier, index) => {
    const faults = lintErrors(place, "Retry", retriers, index);
    const rate = Number(retrier["BackoffRate"] ?? 2);
    const interval = Number(retrier["IntervalSeconds"] ?? 1);
    const most = Number(retrier["MaxAttempts"] ?? 3);
    if (rate < 1) faults.push(`${place}: a BackoffRate of ${rate} makes the waits shrink.`);
    if (interval * rate ** Math.max(most - 1, 0) > MOST_WAIT_S)
      faults.push(`${place}: the last wait is longer than Step Functions waits.`);
    return faults;
  });
}

function lintCatch(place: string, state: Json): string[] {
  const catchers = (state["Catch"] ?? []) as Json[];
  return catchers.flatMap((_catcher, index) => lintErrors(place, "Catch", catchers, index));
}

function lintErrors(place: string, kind: string, all: readonly Json[], index: number): string[] {
  const names = (all[index]?.["ErrorEquals"] ?? []) as string[];
  const faults: string[] = [];
  if (names.includes("States.ALL")) {
    if (names.length > 1) faults.push(`${place}: States.ALL stands beside other names in ${kind}.`);
    if (index < all.length - 1) faults.push(`${place}: States.ALL is not the last in ${kind}.`);
    if (kind === "Retry") faults.push(`${place}: Retry on States.ALL tries what cannot pass.`);
  }
  const before = all.slice(0, index).flatMap((one) => one["ErrorEquals"] as string[]);
  for (const name of names) {
    if (before.includes(name)) faults.push(`${place}: ${name} is matched earlier in ${kind}.`);
  }
  return faults;
}

function lintEnd(place: string, state: Json): string[] {
  const type = String(state["Type"]);
  const isEnd = type === "Fail" || type === "Succeed";
  const ways = [state["Next"], state["End"]].filter((way) => way !== undefined).length;
  if (type === "Choice") {
    return state["Default"] === undefined ? [`${place}: a Choice without a Default.`] : [];
  }
  if (!isEnd && ways !== 1) return [`${place}: needs either Next or End.`];
  if (type === "Task" && state["TimeoutSeconds"] === undefined) {
    return [`${place}: a Task without TimeoutSeconds can hang for ever.`];
  }
  return [];
}
