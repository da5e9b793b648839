"use client";

import { Dialog as Base } from "@base-ui/react/dialog";
import { Command as Cmdk } from "cmdk";
import { useRouter } from "next/navigation";
import { COMMAND_GROUPS, type Command, useOfferedCommands } from "@/components/shell/commands";
import { PLACES } from "@/components/shell/places";
import { useShortcut } from "@/components/shell/shortcuts";
import { Icon } from "@/components/ui/icon";
import { Kbd } from "@/components/ui/kbd";

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
          <Cmdk label="Find or run" loop>
            <div className="flex min-h-11 items-center gap-2 border-b border-line-2 px-3.5">
              <Icon name="search" className="text-ink-2" />
              <Cmdk.Input
                placeholder="Tenant, page or command"
                className="type-prose min-w-0 flex-1 bg-transparent outline-none"
              />
              <Kbd>esc</Kbd>
            </div>
            <Cmdk.List className="scroll-quiet max-h-[60dvh] overflow-y-auto pb-1.5">
              <Cmdk.Empty className="type-base px-3.5 py-4 text-ink-3">
                Nothing of that name.
              </Cmdk.Empty>
              {COMMAND_GROUPS.map((group) => {
                const mine = rows.filter((row) => row.group === group);
                if (mine.length === 0) return null;
                return (
                  <Cmdk.Group
                    key={group}
                    heading={group}
                    className="[&_[cmdk-group-heading]]:type-small [&_[cmdk-group-heading]]:px-3.5 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-ink-3"
                  >
                    {mine.map((row) => (
                      <Cmdk.Item
                        key={row.id}
                        value={`${row.label} ${row.id}`}
                        {...(row.keywords === undefined ? {} : { keywords: [...row.keywords] })}
                        onSelect={() => {
                          onOpenChange(false);
                          row.run();
                        }}
                        className="type-base flex min-h-8 cursor-default items-center gap-2 px-3.5 data-[selected=true]:bg-accent-tint max-sm:min-h-11"
                      >
                        <Icon name={row.icon} className="text-ink-2" />
                        {row.label}
                        {row.hint !== undefined && (
                          <span className="type-small ml-auto pl-4 text-ink-3">{row.hint}</span>
                        )}
                      </Cmdk.Item>
                    ))}
                  </Cmdk.Group>
                );
              })}
            </Cmdk.List>
          </Cmdk>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
