import { cn } from "@/lib/cn";

/** A key. */
export function Kbd({ children, className }: { children: string; className?: string | undefined }) {
  return (
    <kbd
      className={cn(
        "type-micro inline-flex min-h-4.5 min-w-4.5 items-center justify-center rounded-kbd border border-line-2 bg-surface px-1 font-sans text-ink-2",
        className,
      )}
    >
      {children}
    </kbd>
  );
}
