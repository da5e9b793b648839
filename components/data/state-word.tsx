import { HUE_TEXT } from "@/components/ui/hue";
import { Icon } from "@/components/ui/icon";
import { Tag } from "@/components/ui/tag";
import { cn } from "@/lib/cn";
import {
  type Health,
  healthStatus,
  type RunDetail,
  type RunState,
  runStatus,
  runWord,
} from "@/lib/status";

/** A run's state as icon and word, bare, for tables and lines. */
export function RunStateWord({
  state,
  detail,
  className,
}: {
  state: RunState;
  detail?: RunDetail | undefined;
  className?: string | undefined;
}) {
  const { icon, hue } = runStatus(state);
  return (
    <span
      className={cn(
        "inline-flex items-center gap-1.25 font-medium whitespace-nowrap",
        HUE_TEXT[hue],
        className,
      )}
    >
      <Icon name={icon} turning={state === "running"} />
      {runWord(state, detail)}
    </span>
  );
}

/** A run's state as a tag. Once a page, beside its title. */
export function RunStateTag({
  state,
  detail,
}: {
  state: RunState;
  detail?: RunDetail | undefined;
}) {
  const { icon, hue } = runStatus(state);
  return (
    <Tag hue={hue} icon={icon} turning={state === "running"}>
      {runWord(state, detail)}
    </Tag>
  );
}

/** A health as icon and word. In lists the healthy one is quiet: colour is spent on deviation. */
export function HealthMark({
  health,
  className,
}: {
  health: Health;
  className?: string | undefined;
}) {
  const { icon, hue, word } = healthStatus(health);
  return (
    <span
      className={cn(
        "inline-flex items-center gap-1.25 whitespace-nowrap",
        health === "healthy" ? "text-ink-3" : cn("font-medium", HUE_TEXT[hue]),
        className,
      )}
    >
      <Icon name={icon} />
      {word}
    </span>
  );
}

/** A health as a tag, beside a title. */
export function HealthTag({ health, word }: { health: Health; word?: string | undefined }) {
  const status = healthStatus(health);
  return (
    <Tag hue={status.hue} icon={status.icon}>
      {word ?? status.word}
    </Tag>
  );
}
