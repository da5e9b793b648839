"use client";

import { Dialog as Base } from "@base-ui/react/dialog";
import { useRouter } from "next/navigation";
import { COMMAND_GROUPS, type Command, useOfferedCommands } from "@/components/shell/commands";
import { PLACES } from "@/components/shell/places";
import { useShortcut } from "@/components/shell/shortcuts";
import { Kbd } from "@/components/ui/kbd";
import { PickList } from "@/components/ui/pick-list";

export interface PaletteTenant {
  id: string;
  name: string;
}

/** Find or run: pages, tenants, and what the page at hand offers. Opens with ⌘K or Ctrl K. */
export function CommandPalette({
  open,
  onOpenChange,
  tenants,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  tenants: readonly PaletteTenant[];
}) {
  const router = useRouter();
  const offered = useOfferedCommands();
  useShortcut({ keys: "mod+k", label: "Find or run", group: "Anywhere" }, () =>
    onOpenChange(!open),
  );

  const go = (href: string) => () => router.push(href);
  const rows: readonly (Command & { run: () => void })[] = [
    ...PLACES.map((place) => ({
      id: `place-${place.id}`,
      group: "Go to" as const,
      label: place.label,
      icon: place.icon,
      hint: "page",
      run: go(place.href),
    })),
    ...tenants.map((tenant) => ({
      id: `tenant-${tenant.id}`,
      group: "Go to" as const,
      label: tenant.name,
      icon: "building" as const,
      hint: "tenant",
      keywords: [tenant.id],
      run: go(`/t/${encodeURIComponent(tenant.id)}`),
    })),
    ...offered,
  ];

  return (
    <Base.Root open={open} onOpenChange={(next) => onOpenChange(next)}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-canvas/70 transition-opacity duration-160 ease-out data-starting-style:opacity-0 data-ending-style:opacity-0" />
        <Base.Popup
          aria-label="Find or run"
          className="fixed top-[12dvh] left-1/2 z-40 w-140 max-w-[calc(100vw-2rem)] -translate-x-1/2 overflow-hidden rounded-dialog border border-float-line bg-float text-ink shadow-float outline-none"
        >
          <PickList
            large
            label="Find or run"
            placeholder="Tenant, page or command"
            nothing="Nothing of that name."
            trailing={<Kbd>esc</Kbd>}
            groups={COMMAND_GROUPS.map((group) => ({
              id: group,
              heading: group,
              entries: rows.filter((row) => row.group === group),
            }))}
            onPick={(id) => {
              onOpenChange(false);
              rows.find((row) => row.id === id)?.run();
            }}
          />
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
