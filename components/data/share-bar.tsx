import { HUE_SOLID } from "@/components/ui/hue";
import { cn } from "@/lib/cn";
import { formatPercent } from "@/lib/format";
import { type RunState, runStatus } from "@/lib/status";

/**
 * The share of rows done, 4 px high, in the solid of the run's state, with its per cent beside it. For lists.
 * @param share 0 to 1
 */
export function ShareBar({
  share,
  state,
  label,
  figure = true,
  className,
}: {
  share: number;
  state: RunState;
  /** Whose progress it is, for readers. */
  label: string;
  figure?: boolean;
  className?: string | undefined;
}) {
  const filled = Math.min(1, Math.max(0, share));
  const { hue } = runStatus(state);
  return (
    <span className={cn("flex items-center gap-2", className)}>
      <span
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.floor(filled * 100)}
        data-bar
        className="block h-1 min-w-16 flex-1 bg-track"
      >
        <span
          className={cn(
            "block h-full transition-[width] duration-1000 ease-linear",
            hue === "good" ? "bg-mark" : HUE_SOLID[hue],
          )}
          style={{ width: `${filled * 100}%` }}
        />
      </span>
      {figure && (
        <span className="type-small min-w-8 text-right text-ink">
          {formatPercent(Math.floor(filled * 100) / 100)}
        </span>
      )}
    </span>
  );
}
