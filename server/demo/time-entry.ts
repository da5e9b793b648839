import type { DemoMember } from "./customers";
import type { DemoProfile } from "./demo-tenants";
import type { Random } from "./random";
import type { Row } from "./row";
import { dialects } from "./source-dialect";
import { MINUTE } from "./working-hours";

/** The work types of a tenant, numbered by their place. */
export function workTypesOf(profile: DemoProfile): string[] {
  return [...new Set(profile.phrases.issues.map(({ workType }) => workType))];
}

/**
 * A time entry for work that has just ended.
 *
 * @param given.endedAt when the work ended, ms UTC
 * @param given.customer the company worked for; null ids for work inside the house
 */
export function makeTimeEntry(
  profile: DemoProfile,
  random: Random,
  given: {
    id: string | number;
    endedAt: number;
    enteredAt: number;
    minutes: number;
    workType: string;
    member: DemoMember;
    customer: { id: string | number | null; name: string | null };
    notes: string;
  },
): Row {
  const dialect = dialects[profile.source];
  return {
    entry_id: given.id,
    company_id: given.customer.id,
    company_name: given.customer.name,
    member_id: given.member.id,
    member_name: given.member.name,
    work_type_id: workTypesOf(profile).indexOf(given.workType) + 1,
    work_type_name: given.workType,
    time_start: dialect.time(given.endedAt - given.minutes * MINUTE),
    time_end: dialect.time(given.endedAt),
    actual_hours: dialect.hours(given.minutes / 60),
    billable_option:
      given.customer.id === null
        ? "NoCharge"
        : random.weighted([
            ["Billable", 7],
            ["DoNotBill", 2],
            ["NoCharge", 1],
          ]),
    notes: given.notes,
    date_entered: dialect.time(given.enteredAt),
  };
}
