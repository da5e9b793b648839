import { cn } from "@/lib/cn";
import { formatCount } from "@/lib/format";

const WIDTH = 74;
const HEIGHT = 18;

/**
 * Counts over time in the size of a word, 74 × 18.
 * @param values oldest first
 * @param rising how many of the newest buckets are shown in red, 0 when the group is not rising
 * @param label what is counted, for readers: `records by hour`
 */
export function Sparkline({
  values,
  rising = 0,
  label,
}: {
  values: readonly number[];
  rising?: number;
  label: string;
}) {
  const highest = Math.max(1, ...values);
  const step = WIDTH / Math.max(1, values.length);
  const sum = values.reduce((total, value) => total + value, 0);
  return (
    <svg
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={`${label}: ${formatCount(sum)} in all, ${formatCount(values.at(-1) ?? 0)} last${rising > 0 ? ", rising" : ""}`}
      className="shrink-0"
    >
      {values.map((value, index) => {
        if (value <= 0) return null;
        const height = Math.max(1, (value / highest) * (HEIGHT - 2));
        return (
          <rect
            // A bucket is its place in time.
            // oxlint-disable-next-line react/no-array-index-key
            key={index}
            x={index * step}
            y={HEIGHT - 1 - height}
            width={Math.max(1, step - 1)}
            height={height}
            className={cn(index >= values.length - rising ? "fill-bad-solid" : "fill-mark")}
          />
        );
      })}
      <rect x={0} y={HEIGHT - 1} width={WIDTH} height={1} className="fill-line-2" />
    </svg>
  );
}
