"use client";

import { useEffect, useState } from "react";
import { Icon } from "@/components/ui/icon";
import { cn } from "@/lib/cn";

/** Copies a text. It says so in its own place for two seconds, and to readers. */
export function CopyButton({
  text,
  label,
  visibleLabel,
  className,
}: {
  text: string;
  /** What is copied: `Copy run id`. */
  label: string;
  /** A word beside the icon, where there is room. */
  visibleLabel?: string | undefined;
  className?: string | undefined;
}) {
  const [state, setState] = useState<"idle" | "copied" | "refused">("idle");

  // The clipboard's answer stands for two seconds: the timer is the external system here.
  useEffect(() => {
    if (state === "idle") return undefined;
    const timer = setTimeout(() => setState("idle"), 2000);
    return () => clearTimeout(timer);
  }, [state]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState("copied");
    } catch {
      setState("refused");
    }
  };

  const said =
    state === "copied" ? "Copied" : state === "refused" ? "The browser refused to copy" : "";
  return (
    <button
      type="button"
      onClick={() => void copy()}
      aria-label={visibleLabel === undefined ? label : undefined}
      title={said === "" ? label : said}
      className={cn(
        "touch inline-flex min-h-5 min-w-5 items-center justify-center gap-1.5 rounded-tag align-middle text-ink-3 transition-colors duration-120 ease-out hover:text-ink",
        visibleLabel !== undefined && "type-small font-medium text-accent hover:text-accent",
        className,
      )}
    >
      <Icon
        name={state === "copied" ? "check" : state === "refused" ? "x" : "copy"}
        size={13}
        className={cn(state === "copied" && "text-good", state === "refused" && "text-bad")}
      />
      {visibleLabel}
      <span className="sr-only" aria-live="polite">
        {said}
      </span>
    </button>
  );
}
