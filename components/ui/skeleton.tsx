import { cn } from "@/lib/cn";

/** Widths in per cent of the row, left to right; the last stands at the right end. Varied a little by row, the same at every render. */
const SHAPES = [
  [3, 31, 18, 9],
  [3, 39, 18, 9],
  [3, 25, 18, 9],
  [3, 34, 22, 9],
] as const;

/**
 * Blocks in the shape of the rows to come. They appear after 300 ms, so that a fast answer shows no flash, and do not shimmer.
 * After 8 s a sentence says that it still goes on.
 * @param label what is being read, for readers: `Reading runs`
 */
export function SkeletonRows({
  rows = 8,
  label,
  className,
}: {
  rows?: number;
  label: string;
  className?: string | undefined;
}) {
  return (
    <div role="status" className={cn("animate-appear px-4", className)}>
      <span className="sr-only">{label}</span>
      <div aria-hidden>
        {Array.from({ length: rows }, (_, index) => {
          const shape = SHAPES[index % SHAPES.length] ?? SHAPES[0];
          return (
            <div
              // The rows are alike and never move: their place is their identity.
              // oxlint-disable-next-line react/no-array-index-key
              key={index}
              className="flex min-h-7 items-center gap-3 border-b border-line"
            >
              {shape.map((width, part) => (
                <span
                  // oxlint-disable-next-line react/no-array-index-key
                  key={part}
                  className={cn("h-2 bg-track", part === shape.length - 1 && "ml-auto")}
                  style={{ width: `${width}%` }}
                />
              ))}
            </div>
          );
        })}
      </div>
      <p className="type-small animate-appear-late py-2 text-ink-3">
        Still reading: the database takes long to answer. This goes on by itself.
      </p>
    </div>
  );
}

/** One block, for a figure or a line that is being read. */
export function SkeletonBlock({ className }: { className?: string | undefined }) {
  return (
    <span aria-hidden className={cn("inline-block h-2 w-24 animate-appear bg-track", className)} />
  );
}
