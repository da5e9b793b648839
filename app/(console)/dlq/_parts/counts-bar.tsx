import type { DryRunReply } from "@/lib/contracts/dlq-commands";
import { cn } from "@/lib/cn";
import { formatCount } from "@/lib/format";

const PARTS = [
  { name: "changing", words: "change the history", fill: "bg-accent-fill", text: "text-ink" },
  { name: "nothing", words: "change nothing", fill: "bg-mark", text: "text-ink" },
  { name: "waiting", words: "wait for their object", fill: "bg-warn-solid", text: "text-warn" },
  { name: "failing", words: "fail again", fill: "bg-bad-solid", text: "text-bad" },
] as const;

/** How a dry run of many came out: one bar, and each part with its count. */
export function CountsBar({ result }: { result: DryRunReply }) {
  const shown = PARTS.filter(
    ({ name }) => result[name] > 0 || name === "changing" || name === "failing",
  );
  return (
    <div>
      <div aria-hidden className="flex h-2 gap-px bg-surface">
        {PARTS.filter(({ name }) => result[name] > 0).map(({ name, fill }) => (
          <span
            key={name}
            data-bar
            className={cn("block min-w-0.75", fill)}
            style={{ flexGrow: result[name] }}
          />
        ))}
      </div>
      <ul aria-label="What a replay would do" className="flex flex-wrap gap-x-4 pt-1.5">
        {shown.map(({ name, words, text }) => (
          <li key={name} className={text}>
            <strong className="font-semibold">{formatCount(result[name])}</strong> {words}
          </li>
        ))}
      </ul>
    </div>
  );
}
