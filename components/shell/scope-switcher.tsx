"use client";

import { Popover } from "@base-ui/react/popover";
import { usePathname, useRouter } from "next/navigation";
import { useState } from "react";
import { scopeHref } from "@/components/shell/places";
import { Icon } from "@/components/ui/icon";
import { PickList } from "@/components/ui/pick-list";

export interface ScopeTenant {
  id: string;
  name: string;
  /** ServiceNow, ConnectWise, Salesforce. */
  source?: string | undefined;
  timeZone?: string | undefined;
}

/** No tenant has this id: a tenant's name in keys begins with a letter or a digit. */
const ALL = "*";

/** Whose data one looks at. Always there, and the only place where the scope changes. */
export function ScopeSwitcher({
  tenants,
  current,
}: {
  tenants: readonly ScopeTenant[];
  current: ScopeTenant | null;
}) {
  const [open, setOpen] = useState(false);
  const router = useRouter();
  const pathname = usePathname();

  return (
    <Popover.Root open={open} onOpenChange={(next) => setOpen(next)}>
      <Popover.Trigger
        aria-label={`Scope: ${current?.name ?? "All tenants"}`}
        className="touch flex min-h-7 min-w-0 items-center gap-2 rounded-control border border-line-2 bg-surface px-2 font-medium text-ink transition-colors duration-120 ease-out hover:bg-hover max-sm:border-transparent max-sm:px-1"
      >
        <Icon name="building" className="text-ink-2 max-sm:hidden" />
        <span className="truncate">{current?.name ?? "All tenants"}</span>
        <Icon name="chevrons-up-down" size={13} className="text-ink-2" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="start" className="z-30">
          <Popover.Popup
            aria-label="Choose a tenant"
            className="w-72 max-w-[calc(100vw-2rem)] overflow-hidden rounded-control border border-float-line bg-float text-ink shadow-float outline-none transition-opacity duration-160 ease-out data-starting-style:opacity-0 data-ending-style:opacity-0"
          >
            <PickList
              label="Tenants"
              placeholder="Find a tenant"
              nothing="No tenant of that name."
              groups={[
                {
                  id: "tenants",
                  entries: [
                    { id: ALL, label: "All tenants", checked: current === null },
                    ...tenants.map((tenant) => ({
                      id: tenant.id,
                      label: tenant.name,
                      hint: tenant.source,
                      checked: tenant.id === current?.id,
                      keywords: [tenant.id],
                    })),
                  ],
                },
              ]}
              onPick={(id) => {
                setOpen(false);
                router.push(scopeHref(pathname, id === ALL ? null : id));
              }}
            />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
