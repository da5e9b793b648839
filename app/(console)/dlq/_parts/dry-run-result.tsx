import { VersionsBar } from "@/app/(console)/dlq/_parts/versions-bar";
import { Icon, type IconName } from "@/components/ui/icon";
import { HUE_TEXT } from "@/components/ui/hue";
import { cn } from "@/lib/cn";
import type { DryRunReply, VerdictKind } from "@/lib/contracts/dlq-commands";
import type { Hue } from "@/lib/status";

const LOOKS: Readonly<Record<VerdictKind, { word: string; icon: IconName; hue: Hue }>> = {
  opens: { word: "Passes all rules", icon: "circle-check", hue: "good" },
  ends: { word: "Passes all rules", icon: "circle-check", hue: "good" },
  changes: { word: "Passes all rules", icon: "circle-check", hue: "good" },
  nothing: { word: "Passes all rules", icon: "circle-check", hue: "good" },
  waits: { word: "Waits", icon: "hourglass", hue: "warn" },
  runs: { word: "Runs again", icon: "rotate-cw", hue: "neutral" },
  fails: { word: "Fails", icon: "circle-x", hue: "bad" },
};

/** The word of a verdict, with its icon. */
export function VerdictWord({ kind }: { kind: VerdictKind }) {
  const { word, icon, hue } = LOOKS[kind];
  return (
    <span className={cn("inline-flex items-center gap-1.25 font-medium", HUE_TEXT[hue])}>
      <Icon name={icon} />
      {word}
    </span>
  );
}

/** What a dry run of one dead letter says: the verdict as a sentence, the versions, the fields that change. */
export function DryRunResult({ result, timeZone }: { result: DryRunReply; timeZone: string }) {
  const [verdict] = result.verdicts;
  if (verdict === undefined) return null;
  const { detail } = result;
  return (
    <div className="grid gap-2 px-4 pb-3">
      <p className="type-prose font-semibold [overflow-wrap:anywhere]">{verdict.words}</p>
      {detail !== null && detail.after.length > 0 && (
        <VersionsBar before={detail.before} after={detail.after} timeZone={timeZone} />
      )}
      {detail !== null && detail.fields.length > 0 && <FieldChanges fields={detail.fields} />}
    </div>
  );
}

function FieldChanges({ fields }: { fields: NonNullable<DryRunReply["detail"]>["fields"] }) {
  return (
    <div className="scroll-quiet overflow-x-auto">
      <table aria-label="Fields that change" className="w-full border-separate border-spacing-0">
        <thead className="sr-only">
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => (
            <tr key={field.field}>
              <th
                scope="row"
                className="type-mono border-t border-line py-1 pr-3 text-left align-top font-normal text-ink-2"
              >
                {field.field}
              </th>
              <td className="min-w-16 border-t border-line px-2 py-1 align-top text-ink-2 [overflow-wrap:anywhere]">
                <Value value={field.before} />
              </td>
              <td className="border-t border-line bg-accent-tint px-2 py-1 align-top font-medium [overflow-wrap:anywhere]">
                <Value value={field.after} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const STORED_INSTANT = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?$/;

/** A stored instant names its zone, which is always UTC. */
function withZone(value: string): string {
  return STORED_INSTANT.test(value) ? `${value} UTC` : value;
}

function Value({ value }: { value: string | null }) {
  return value === null ? (
    <span className="type-mono whitespace-nowrap text-ink-3">NULL</span>
  ) : (
    <span className="line-clamp-3">{withZone(value)}</span>
  );
}
