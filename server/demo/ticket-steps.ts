import type { DemoMember } from "./customers";
import type { Random } from "./random";
import type { Row } from "./row";
import { dialects, type SourceDialect, type SourceSystem } from "./source-dialect";

export const TICKET_STATUSES = [
  "New",
  "Assigned",
  "In Progress",
  "Waiting",
  "Resolved",
  "Closed",
] as const;

type StepKind = "assign" | "start" | "log" | "prioritise" | "wait" | "resolve" | "close" | "reopen";

/** What happens to a ticket next, and how many minutes of business time after its last state. */
export interface TicketStep {
  kind: StepKind;
  afterMinutes: number;
}

const PACE = [0.15, 0.5, 1, 1.8];

/**
 * The next step in the life of a ticket.
 *
 * @param row the ticket's state
 * @returns null when the ticket is closed
 */
export function nextStep(row: Row, source: SourceSystem, random: Random): TicketStep | null {
  const pace = PACE[priorityOf(row, dialects[source])] ?? 1;
  const step = (kind: StepKind, least: number, most: number): TicketStep => ({
    kind,
    afterMinutes: Math.max(1, Math.round(random.int(least, most) * pace)),
  });
  switch (row["status"]) {
    case "New":
      return step("assign", 3, 90);
    case "Assigned":
      return step("start", 5, 240);
    case "In Progress":
      return random.weighted<() => TicketStep>([
        [() => step("log", 15, 300), 36],
        [() => step("wait", 10, 120), 18],
        [() => step("prioritise", 5, 60), 6],
        [() => step("resolve", 15, 240), 40],
      ])();
    case "Waiting":
      // Most customers answer within days, some only after weeks.
      return random.weighted<() => TicketStep>([
        [() => step("start", 60, 4000), 70],
        [() => step("start", 8000, 40_000), 15],
        [() => step("resolve", 1440, 5760), 15],
      ])();
    case "Resolved":
      return random.chance(0.92)
        ? { kind: "close", afterMinutes: random.int(1, 3) * 1440 + random.int(0, 90) }
        : step("reopen", 30, 2880);
    default:
      return null;
  }
}

/**
 * The state of a ticket after a step.
 *
 * @param at when the step is taken, ms UTC
 * @param members who may own the ticket
 * @param minutes the least and most that one step of work takes
 * @returns the new state, and the minutes that somebody worked in this step
 */
export function takeStep(
  row: Row,
  step: TicketStep,
  given: {
    at: number;
    source: SourceSystem;
    members: readonly DemoMember[];
    minutes: readonly [number, number];
    random: Random;
  },
): { row: Row; workedMinutes: number } {
  const { at, members, minutes, random } = given;
  const dialect = dialects[given.source];
  const worked = (): number => Math.ceil(random.int(...minutes) / 15) * 15;
  const withHours = (change: Row, workedMinutes: number): { row: Row; workedMinutes: number } => ({
    row: {
      ...row,
      ...change,
      actual_hours: dialect.hours(Number(row["actual_hours"] ?? 0) + workedMinutes / 60),
    },
    workedMinutes,
  });
  const changed = (change: Row): { row: Row; workedMinutes: number } => ({
    row: { ...row, ...change },
    workedMinutes: 0,
  });

  switch (step.kind) {
    case "assign": {
      const owner = random.pick(members);
      return changed({ status: "Assigned", owner_id: owner.id, owner_name: owner.name });
    }
    case "start":
      return changed({ status: "In Progress" });
    case "log": {
      // Now and then a colleague takes over.
      const owner = random.chance(0.12) ? random.pick(members) : null;
      return withHours(owner ? { owner_id: owner.id, owner_name: owner.name } : {}, worked());
    }
    case "prioritise": {
      const now = priorityOf(row, dialect);
      const next = now === 0 ? 1 : random.chance(0.7) ? now - 1 : Math.min(3, now + 1);
      return changed({
        priority: dialect.priorities[next] ?? null,
        severity: dialect.severities[next] ?? null,
      });
    }
    case "wait":
      return random.chance(0.5)
        ? withHours({ status: "Waiting" }, worked())
        : changed({ status: "Waiting" });
    case "resolve":
      return withHours({ status: "Resolved" }, worked());
    case "close":
      return changed({ status: "Closed", closed_date: dialect.time(at) });
    case "reopen":
      return changed({ status: "In Progress", closed_date: null });
  }
}

/** The place of a ticket's priority among its source's four; an unknown one counts as the third. */
export function priorityOf(row: Row, dialect: SourceDialect): number {
  const place = dialect.priorities.indexOf(String(row["priority"]));
  return place === -1 ? 2 : place;
}
