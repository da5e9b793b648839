/**
 * The vocabulary of states, one list for the whole product. A state is always shown as icon and word; the hue only repeats it.
 * Icons are lucide names as data, so that this module knows nothing of React.
 */
import { assertNever } from "@/lib/assert-never";

export const HUES = ["neutral", "accent", "good", "motion", "warn", "bad"] as const;
export type Hue = (typeof HUES)[number];

export const STATUS_ICONS = [
  "circle-dashed",
  "loader-circle",
  "rotate-cw",
  "hourglass",
  "stamp",
  "circle-check",
  "scale",
  "contrast",
  "circle-x",
  "ban",
  "check",
  "triangle-alert",
  "octagon-alert",
  "circle-question-mark",
] as const;
export type StatusIcon = (typeof STATUS_ICONS)[number];

export interface Status {
  word: string;
  icon: StatusIcon;
  hue: Hue;
}

export const RUN_STATES = [
  "queued",
  "running",
  "retrying",
  "stalled",
  "waiting_approval",
  "succeeded",
  "unbalanced",
  "partial",
  "failed",
  "cancelled",
] as const;
export type RunState = (typeof RUN_STATES)[number];

const RUN_STATUS: Record<RunState, Status> = {
  queued: { word: "Queued", icon: "circle-dashed", hue: "neutral" },
  running: { word: "Running", icon: "loader-circle", hue: "motion" },
  retrying: { word: "Retrying", icon: "rotate-cw", hue: "warn" },
  stalled: { word: "Stalled", icon: "hourglass", hue: "warn" },
  waiting_approval: { word: "Waiting approval", icon: "stamp", hue: "warn" },
  succeeded: { word: "Succeeded", icon: "circle-check", hue: "good" },
  unbalanced: { word: "Unbalanced", icon: "scale", hue: "bad" },
  partial: { word: "Partial", icon: "contrast", hue: "warn" },
  failed: { word: "Failed", icon: "circle-x", hue: "bad" },
  cancelled: { word: "Cancelled", icon: "ban", hue: "neutral" },
};

/** Icon, word and hue of a run's state. */
export function runStatus(state: RunState): Status {
  return RUN_STATUS[state];
}

/** True when the text is one of the run states. For values that come from a URL or the database. */
export function isRunState(value: string): value is RunState {
  return (RUN_STATES as readonly string[]).includes(value);
}

/** What is known beyond the state itself, to make its word exact. */
export interface RunDetail {
  /** The step in hand, as a word in motion: Staging, Merging, Validating, Publishing. Used while running. */
  step?: string | undefined;
  /** The retry now made or waited for, from 1, and how many there will be at most. Used while retrying. */
  attempt?: number | undefined;
  attempts?: number | undefined;
  /** Whole minutes without progress. Used while stalled. */
  stalledMinutes?: number | undefined;
  /** The place in the queue, from 1. Used while queued. */
  queuePosition?: number | undefined;
}

/** The word for a run's state with what is known: `Merging`, `Retrying 2/3`, `Stalled 11 min`, `Queued, place 3`. */
export function runWord(state: RunState, detail: RunDetail = {}): string {
  const { word } = RUN_STATUS[state];
  switch (state) {
    case "running":
      return detail.step ?? word;
    case "retrying":
      if (detail.attempt === undefined) return word;
      return detail.attempts === undefined
        ? `${word} ${detail.attempt}`
        : `${word} ${detail.attempt}/${detail.attempts}`;
    case "stalled":
      return detail.stalledMinutes === undefined ? word : `${word} ${detail.stalledMinutes} min`;
    case "queued":
      return detail.queuePosition === undefined ? word : `${word}, place ${detail.queuePosition}`;
    case "waiting_approval":
    case "succeeded":
    case "unbalanced":
    case "partial":
    case "failed":
    case "cancelled":
      return word;
    default:
      return assertNever(state);
  }
}

/** True while a run can still change by itself or by a person's word. */
export function isOpenRun(state: RunState): boolean {
  switch (state) {
    case "queued":
    case "running":
    case "retrying":
    case "stalled":
    case "waiting_approval":
      return true;
    case "succeeded":
    case "unbalanced":
    case "partial":
    case "failed":
    case "cancelled":
      return false;
    default:
      return assertNever(state);
  }
}

/** Steps of a run table and the word while each is in hand. */
export const STEPS = [
  "discover",
  "stage",
  "audit",
  "merge",
  "publish",
  "ledger",
  "verify",
] as const;
export type Step = (typeof STEPS)[number];

const STEP_WORDS: Record<Step, string> = {
  discover: "Discovering",
  stage: "Staging",
  audit: "Validating",
  merge: "Merging",
  publish: "Publishing",
  ledger: "Publishing",
  verify: "Verifying",
};

/** The word for a step in hand; a step that this list does not know gives null, and the state's own word is used. */
export function stepWord(step: string | null | undefined): string | undefined {
  return (STEPS as readonly string[]).includes(step ?? "") ? STEP_WORDS[step as Step] : undefined;
}

export const HEALTHS = ["degraded", "warning", "unknown", "healthy"] as const;
export type Health = (typeof HEALTHS)[number];

const HEALTH_STATUS: Record<Health, Status> = {
  degraded: { word: "Degraded", icon: "octagon-alert", hue: "bad" },
  warning: { word: "Warning", icon: "triangle-alert", hue: "warn" },
  unknown: { word: "Unknown", icon: "circle-question-mark", hue: "neutral" },
  healthy: { word: "Healthy", icon: "check", hue: "good" },
};

/** Icon, word and hue of a health. In lists the healthy one is shown in quiet ink: colour is spent on deviation. */
export function healthStatus(health: Health): Status {
  return HEALTH_STATUS[health];
}

/** The worst of several healths; of none, unknown. The order of HEALTHS is worst first. */
export function worstHealth(healths: readonly Health[]): Health {
  return HEALTHS.find((health) => healths.includes(health)) ?? "unknown";
}

/** Why a table is past its target, one word each. */
export const CAUSES = [
  "no_file",
  "waiting",
  "queued",
  "loading",
  "validating",
  "publishing",
  "held",
  "rejected",
  "merging",
] as const;
export type Cause = (typeof CAUSES)[number];

interface CauseSpec {
  word: string;
  /** True when it will not move without a person or a retry. */
  blocked: boolean;
}

const CAUSE_SPECS: Record<Cause, CauseSpec> = {
  no_file: { word: "no file", blocked: false },
  waiting: { word: "waiting", blocked: false },
  queued: { word: "queued", blocked: false },
  loading: { word: "loading", blocked: false },
  validating: { word: "validating", blocked: false },
  publishing: { word: "publishing", blocked: false },
  held: { word: "held", blocked: true },
  rejected: { word: "rejected", blocked: true },
  merging: { word: "merging", blocked: true },
};

/** The word of a cause and whether it blocks. */
export function causeSpec(cause: Cause): CauseSpec {
  return CAUSE_SPECS[cause];
}

export const FRESHNESS = ["never", "within", "late", "blocked"] as const;
export type Freshness = (typeof FRESHNESS)[number];

/**
 * Where a table stands against its target.
 * @param ageSeconds since the last good run's data, null when it was never loaded
 * @param targetSeconds the age it should stay under
 * @param cause what holds it up, if that is known
 */
export function freshness(
  ageSeconds: number | null,
  targetSeconds: number,
  cause?: Cause | null,
): Freshness {
  if (ageSeconds === null) return "never";
  if (ageSeconds <= targetSeconds) return "within";
  return cause !== undefined && cause !== null && CAUSE_SPECS[cause].blocked ? "blocked" : "late";
}

/** What the live chip can say. `idle` is a page that does not follow anything: the chip is not drawn. */
export const LIVE_STATES = ["idle", "live", "reconnecting", "stale"] as const;
export type LiveState = (typeof LIVE_STATES)[number];

/** The parts of the row ledger, in the order in which they are drawn. */
export const LEDGER_PARTS = [
  "new",
  "changed",
  "deleted",
  "unchanged",
  "duplicate",
  "rejected",
] as const;
export type LedgerPart = (typeof LEDGER_PARTS)[number];

/** What a ledger part means, for tooltips. */
export const LEDGER_MEANINGS: Record<LedgerPart, string> = {
  new: "opens an entity's first version",
  changed: "adds or alters a version",
  deleted: "a marker that closes or cuts a version",
  unchanged: "an observation of the state already in force",
  duplicate: "delivered before, or overruled by a tie",
  rejected: "broke a rule and became a dead letter",
};
