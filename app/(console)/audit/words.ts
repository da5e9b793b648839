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

/** What a line says about the change, in one line: `viewer → operator`, `mode bulk, tables all`. */
export function changeInWords(before: string, after: string): string {
  const [from, to] = [words(before), words(after)];
  return from === "" ? to : `${from} → ${to}`;
}
