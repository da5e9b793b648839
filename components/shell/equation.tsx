import { cn } from "@/lib/cn";
import { LEDGER_PARTS } from "@/lib/status";

/** The equation that every run must satisfy, ruled as a ledger. */
export function Equation() {
  return (
    <div
      className="w-140 max-w-full"
      aria-label="Every row that is read is accounted for"
      role="img"
    >
      <div aria-hidden>
        {LEDGER_PARTS.map((part, index) => (
          <p
            key={part}
            className={cn(
              "flex min-h-14.25 items-center border-b border-line text-[1.5rem] leading-8 tracking-[-0.02em] text-ink",
              index === LEDGER_PARTS.length - 1 && "border-ink",
            )}
          >
            <span className="w-14 text-ink-3">{index === 0 ? "" : "+"}</span>
            {part}
          </p>
        ))}
        <div className="flex min-h-14.25 items-center border-b-4 border-double border-ink text-[1.5rem] leading-8 font-semibold tracking-[-0.02em] text-ink">
          <span className="w-14">=</span>
          read
          <span className="type-small ml-auto font-normal text-ink-3">difference 0</span>
        </div>
        <p className="type-small mt-4 text-ink-3">Every row that is read is accounted for.</p>
      </div>
    </div>
  );
}
