"use client";

import { Menu } from "@/components/ui/menu";
import { applyTheme } from "@/components/shell/theme-switch";
import { Icon } from "@/components/ui/icon";
import { cn } from "@/lib/cn";
import { useState } from "react";
import type { Theme } from "@/lib/theme";

export interface Person {
  name: string;
  email: string;
  /** viewer, operator, admin. */
  role: string;
}

/** Who is signed in, with theme, shortcuts and the way out. */
export function PersonMenu({
  person,
  theme,
  onShortcuts,
  onSignOut,
  textClass,
}: {
  person: Person;
  theme: Theme;
  onShortcuts: () => void;
  onSignOut: () => void;
  /** Hides name and role where the nav is folded. */
  textClass?: string | undefined;
}) {
  const [chosen, setChosen] = useState(theme);
  const pick = (next: Theme) => () => {
    setChosen(next);
    applyTheme(next);
  };
  const role = person.role.charAt(0).toUpperCase() + person.role.slice(1);
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={`${person.name}, ${role}: your menu`}
          className="type-micro flex min-h-7 w-full items-center gap-1.25 rounded-control pr-1.5 pl-2 tracking-[-0.005em] text-ink hover:bg-hover max-sm:min-h-11"
        >
          <Icon name="user" size={13} className="text-ink-2" />
          <span className={cn("min-w-0 truncate", textClass)}>{person.name}</span>
          <span className={cn("ml-auto shrink-0 text-ink-3", textClass)}>{role}</span>
        </button>
      }
      sections={[
        {
          id: "theme",
          label: "Theme",
          entries: [
            {
              id: "system",
              label: "System",
              icon: "monitor",
              checked: chosen === "system",
              onChoose: pick("system"),
            },
            {
              id: "light",
              label: "Light",
              icon: "sun",
              checked: chosen === "light",
              onChoose: pick("light"),
            },
            {
              id: "dark",
              label: "Dark",
              icon: "moon",
              checked: chosen === "dark",
              onChoose: pick("dark"),
            },
          ],
        },
        {
          id: "rest",
          entries: [
            { id: "keys", label: "Shortcuts", icon: "keyboard", hint: "?", onChoose: onShortcuts },
            { id: "settings", label: "Settings", icon: "settings", href: "/settings" },
            {
              id: "out",
              label: "Sign out",
              icon: "log-out",
              hint: person.email,
              onChoose: onSignOut,
            },
          ],
        },
      ]}
    />
  );
}
