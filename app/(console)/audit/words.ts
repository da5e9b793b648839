import type { IconName } from "@/components/ui/icon";
import type { AuditAction, AuditOutcome } from "@/lib/contracts/audit";
import type { Hue } from "@/lib/status";

/** What each action is called on screen. */
export const ACTION_WORDS: Readonly<Record<AuditAction, string>> = {
  "run:start": "Start run",
  "run:cancel": "Cancel run",
  "run:apply": "Apply plan",
  "run:reject": "Reject plan",
  "run:redrive": "Redrive run",
  "dlq:replay": "Replay dead letters",
  "dlq:discard": "Discard dead letters",
  "dlq:retention": "Set retention",
  "tenant:register": "Register tenant",
  "tenant:settings": "Change settings",
  "tenant:pause": "Pause tenant",
  "tenant:resume": "Resume tenant",
  "user:add": "Add user",
  "user:role": "Change role",
  "user:disable": "Disable user",
  "user:enable": "Enable user",
  "user:password": "Set password",
  "sign-in": "Sign in",
};

/** How each outcome looks. What went as it should is quiet. */
export const OUTCOME_LOOKS: Readonly<
  Record<AuditOutcome, { word: string; icon: IconName; hue: Hue }>
> = {
  done: { word: "Done", icon: "check", hue: "neutral" },
  denied: { word: "Denied", icon: "ban", hue: "warn" },
  refused: { word: "Refused", icon: "circle-x", hue: "neutral" },
  failed: { word: "Failed", icon: "octagon-alert", hue: "bad" },
};

function asText(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(asText).join(", ");
  if (typeof value === "object" && value !== null)
    return Object.entries(value)
      .map(([name, part]) => `${name} ${asText(part)}`)
      .join(", ");
  return String(value);
}

function words(json: string): string {
  if (json === "") return "";
  try {
    return asText(JSON.parse(json));
  } catch {
    // A value that was too long to keep whole is shown as far as it was kept.
    return json;
  }
}

/** A name of a record as words: `pauseReason` → `pause reason`. */
function spaced(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
}

function objectOf(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    // Nothing, or a value that was too long to keep whole.
    return undefined;
  }
}

/** What differs between two records, by name. */
function differences(from: Record<string, unknown>, to: Record<string, unknown>): string {
  return [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .filter((name) => asText(from[name]) !== asText(to[name]))
    .map((name) => `${spaced(name)} ${orNone(from[name])} → ${orNone(to[name])}`)
    .join(", ");
}

function orNone(value: unknown): string {
  return value === undefined || value === null || value === "" ? "none" : asText(value);
}

/** What a line says about the change, in one line: `viewer → operator`, `mode bulk, tables all`; of two records what differs. */
export function changeInWords(before: string, after: string): string {
  const [was, is] = [objectOf(before), objectOf(after)];
  if (was !== undefined && is !== undefined) return differences(was, is);
  const [from, to] = [words(before), words(after)];
  return from === "" ? to : `${from} → ${to}`;
}
