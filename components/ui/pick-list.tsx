"use client";

import { type KeyboardEvent, type ReactNode, useId, useState } from "react";
import { Icon, type IconName } from "@/components/ui/icon";
import { rankMatches } from "@/components/ui/rank-matches";
import { cn } from "@/lib/cn";

export interface PickEntry {
  id: string;
  label: string;
  icon?: IconName | undefined;
  /** At the right, quiet. */
  hint?: string | undefined;
  /** The one in force. */
  checked?: boolean | undefined;
  keywords?: readonly string[] | undefined;
}

export interface PickGroup {
  id: string;
  heading?: string | undefined;
  entries: readonly PickEntry[];
}

/** Hundreds of tenants are found by typing, not by scrolling. */
const MOST_ROWS = 60;

/**
 * A list that is found in by typing: one input and below it the entries that answer, grouped. Arrow keys move, Enter picks; the focus stays in the input
 * and a reader hears the entry by `aria-activedescendant`.
 * @param onPick gets the id of the entry
 */
export function PickList({
  label,
  placeholder,
  groups,
  onPick,
  nothing,
  trailing,
  large = false,
}: {
  label: string;
  placeholder: string;
  groups: readonly PickGroup[];
  onPick: (id: string) => void;
  /** Said when nothing answers. */
  nothing: string;
  /** At the end of the input. */
  trailing?: ReactNode | undefined;
  large?: boolean;
}) {
  const listId = useId();
  const [typed, setTyped] = useState("");
  const [activeId, setActiveId] = useState<string | null>(null);

  const shown = groups
    .map((group) => ({ ...group, entries: rankMatches(group.entries, typed).slice(0, MOST_ROWS) }))
    .filter((group) => group.entries.length > 0);
  const entries = shown.flatMap((group) => group.entries);
  const active = entries.find((entry) => entry.id === activeId) ?? entries[0];
  const optionId = (id: string) => `${listId}-${id}`;

  const move = (step: number) => {
    const at = active === undefined ? -1 : entries.indexOf(active);
    const next = entries[(at + step + entries.length) % entries.length];
    if (next) setActiveId(next.id);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(-1);
    else if (event.key === "Enter" && active) onPick(active.id);
    else return;
    event.preventDefault();
  };

  return (
    <div>
      <div
        className={cn(
          "flex items-center gap-2 border-b",
          large ? "min-h-11 border-line-2 px-3.5" : "min-h-8 border-line px-3 max-sm:min-h-11",
        )}
      >
        <Icon name="search" className={large ? "text-ink-2" : "text-ink-3"} />
        <input
          type="text"
          role="combobox"
          aria-label={label}
          aria-expanded
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={active === undefined ? undefined : optionId(active.id)}
          autoComplete="off"
          spellCheck={false}
          placeholder={placeholder}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setActiveId(null);
          }}
          onKeyDown={onKeyDown}
          className={cn(
            "min-w-0 flex-1 bg-transparent text-ink outline-none",
            large ? "type-prose" : "type-base",
          )}
        />
        {trailing}
      </div>
      <div
        id={listId}
        role="listbox"
        aria-label={label}
        className={cn(
          "scroll-quiet overflow-y-auto",
          large ? "max-h-[60dvh] pb-1.5" : "max-h-80 py-1",
        )}
      >
        {shown.map((group) => (
          <div key={group.id} role="group" aria-label={group.heading ?? label}>
            {group.heading !== undefined && (
              <p aria-hidden className="type-small px-3.5 py-1.5 text-ink-3">
                {group.heading}
              </p>
            )}
            {group.entries.map((entry) => {
              const isActive = entry.id === active?.id;
              return (
                // The keyboard acts through the input that owns this list.
                // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
                <div
                  key={entry.id}
                  ref={isActive ? showInList : undefined}
                  id={optionId(entry.id)}
                  role="option"
                  tabIndex={-1}
                  aria-selected={isActive}
                  onClick={() => onPick(entry.id)}
                  onMouseMove={() => {
                    if (!isActive) setActiveId(entry.id);
                  }}
                  className={cn(
                    "type-base flex cursor-default items-center gap-2 text-ink select-none max-sm:min-h-11",
                    large ? "min-h-8 px-3.5" : "min-h-7 px-3",
                    isActive && "bg-accent-tint",
                  )}
                >
                  {entry.icon && <Icon name={entry.icon} className="text-ink-2" />}
                  <span className={cn("truncate", entry.checked === true && "font-medium")}>
                    {entry.label}
                  </span>
                  <span className="type-small ml-auto flex shrink-0 items-center gap-2 pl-4 text-ink-3">
                    {entry.hint}
                    {entry.checked === true && <Icon name="check" className="text-accent" />}
                  </span>
                </div>
              );
            })}
          </div>
        ))}
        {entries.length === 0 && (
          <p role="status" className="type-base px-3.5 py-3 text-ink-3">
            {nothing}
          </p>
        )}
      </div>
    </div>
  );
}

/** Keeps the active entry in sight when the arrow keys pass the edge of the list. */
function showInList(option: HTMLElement | null): void {
  option?.scrollIntoView({ block: "nearest" });
}
