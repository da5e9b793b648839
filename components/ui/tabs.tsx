import Link from "next/link";
import { cn } from "@/lib/cn";
import { formatCount } from "@/lib/format";

export interface Tab {
  href: string;
  label: string;
  count?: number | undefined;
  current: boolean;
}

/** Tabs as links, because the URL owns which one is open. They never wrap; on a small screen they scroll. */
export function Tabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
  return (
    <nav
      aria-label={label}
      className="scroll-quiet flex min-h-8 gap-4.5 overflow-x-auto border-b border-line px-4 max-sm:[scrollbar-width:none]"
    >
      {tabs.map((tab) => (
        <Link
          key={tab.href}
          href={tab.href}
          scroll={false}
          aria-current={tab.current ? "page" : undefined}
          className={cn(
            "focus-inset type-base -mb-px flex shrink-0 items-center gap-1 border-b-2 whitespace-nowrap max-sm:min-h-11",
            tab.current
              ? "border-accent font-strong text-ink"
              : "border-transparent text-ink-2 hover:text-ink",
          )}
        >
          {tab.label}
          {tab.count !== undefined && (
            <span className="font-normal text-ink-3">{formatCount(tab.count)}</span>
          )}
        </Link>
      ))}
    </nav>
  );
}
