"use client";

import { useState } from "react";
import { writeCookie } from "@/components/shell/cookies";
import { Icon, type IconName } from "@/components/ui/icon";
import { cn } from "@/lib/cn";
import { THEME_COOKIE, THEMES, type Theme } from "@/lib/theme";

const CHOICES: Record<Theme, { label: string; icon: IconName }> = {
  system: { label: "System", icon: "monitor" },
  light: { label: "Light", icon: "sun" },
  dark: { label: "Dark", icon: "moon" },
};

/** Changes the page at once and keeps the choice for the server's next drawing. */
export function applyTheme(theme: Theme): void {
  writeCookie(THEME_COOKIE, theme);
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

/** System, light or dark. */
export function ThemeSwitch({
  theme,
  className,
}: {
  theme: Theme;
  className?: string | undefined;
}) {
  const [chosen, setChosen] = useState(theme);
  return (
    <div role="radiogroup" aria-label="Theme" className={cn("inline-flex gap-1", className)}>
      {THEMES.map((choice) => (
        <label
          key={choice}
          className={cn(
            "touch type-small inline-flex min-h-6 cursor-pointer items-center gap-1.5 rounded-control border px-2 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
            chosen === choice
              ? "border-accent bg-accent-tint text-ink"
              : "border-line-2 text-ink-2 hover:bg-hover",
          )}
        >
          <input
            type="radio"
            name="theme"
            value={choice}
            checked={chosen === choice}
            onChange={() => {
              setChosen(choice);
              applyTheme(choice);
            }}
            className="sr-only"
          />
          <Icon name={CHOICES[choice].icon} size={13} />
          {CHOICES[choice].label}
        </label>
      ))}
    </div>
  );
}
