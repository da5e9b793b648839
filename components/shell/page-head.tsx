import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

/**
 * The head of a page: title, status tag, one sentence or facts, actions at the right. On a small screen the actions go to the end of the page, which
 * needs the page to be a `Page`.
 */
export function PageHead({
  title,
  tag,
  sentence,
  facts,
  actions,
  ruled = true,
}: {
  title: string;
  /** The page's one status tag. */
  tag?: ReactNode | undefined;
  /** What holds, beside the title: the sentence first. */
  sentence?: ReactNode | undefined;
  /** A second line of facts. */
  facts?: ReactNode | undefined;
  actions?: ReactNode | undefined;
  /** False where tabs or a progress bar follow and draw the rule themselves. */
  ruled?: boolean;
}) {
  return (
    <>
      <div className={cn("px-4", ruled && "border-b border-line")}>
        <div className="flex min-h-12 flex-wrap items-center gap-x-2.5 gap-y-1 py-1.5">
          <h1 className="type-title max-sm:text-[1.125rem]">{title}</h1>
          {tag}
          {sentence !== undefined && <div className="min-w-0 text-ink-2">{sentence}</div>}
          {actions !== undefined && (
            <div className="ml-auto flex flex-wrap items-center gap-2 max-sm:hidden">{actions}</div>
          )}
        </div>
        {facts !== undefined && (
          <div className="type-small -mt-1 flex flex-wrap items-center gap-x-4 gap-y-1 pb-2 text-ink-3">
            {facts}
          </div>
        )}
      </div>
      {actions !== undefined && (
        <div className="order-last grid grid-cols-[repeat(auto-fit,minmax(9.5rem,1fr))] gap-2 border-t border-line-2 bg-surface p-4 sm:hidden">
          {actions}
        </div>
      )}
    </>
  );
}
