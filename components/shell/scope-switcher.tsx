"use client";

import { Popover } from "@base-ui/react/popover";
import { Command as Cmdk } from "cmdk";
import { usePathname, useRouter } from "next/navigation";
import { useState } from "react";
import { scopeHref } from "@/components/shell/places";
import { Icon } from "@/components/ui/icon";
import { cn } from "@/lib/cn";

export interface ScopeTenant {
  id: string;
  name: string;
  /** ServiceNow, ConnectWise, Salesforce. */
  source?: string | undefined;
  timeZone?: string | undefined;
}

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
  const choose = (tenantId: string | null) => {
    setOpen(false);
    router.push(scopeHref(pathname, tenantId));
  };
  const item =
    "type-base flex min-h-7 cursor-default items-center gap-2 px-3 data-[selected=true]:bg-accent-tint max-sm:min-h-11";

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
            <Cmdk label="Tenants" loop>
              <div className="flex min-h-8 items-center gap-2 border-b border-line px-3">
                <Icon name="search" className="text-ink-3" />
                <Cmdk.Input
                  placeholder="Find a tenant"
                  className="type-base min-w-0 flex-1 bg-transparent outline-none max-sm:min-h-11"
                />
              </div>
              <Cmdk.List className="scroll-quiet max-h-80 overflow-y-auto py-1">
                <Cmdk.Empty className="px-3 py-2 text-ink-3">No tenant of that name.</Cmdk.Empty>
                <Cmdk.Item value="All tenants" onSelect={() => choose(null)} className={item}>
                  All tenants
                  {current === null && <Icon name="check" className="ml-auto text-accent" />}
                </Cmdk.Item>
                {tenants.map((tenant) => (
                  <Cmdk.Item
                    key={tenant.id}
                    value={`${tenant.name} ${tenant.id}`}
                    onSelect={() => choose(tenant.id)}
                    className={item}
                  >
                    <span className={cn("truncate", tenant.id === current?.id && "font-medium")}>
                      {tenant.name}
                    </span>
                    <span className="type-small ml-auto flex shrink-0 items-center gap-2 text-ink-3">
                      {tenant.source}
                      {tenant.id === current?.id && <Icon name="check" className="text-accent" />}
                    </span>
                  </Cmdk.Item>
                ))}
              </Cmdk.List>
            </Cmdk>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
