"use client";

import { useEffect, useEffectEvent, useId, useSyncExternalStore } from "react";
import type { IconName } from "@/components/ui/icon";

export const COMMAND_GROUPS = ["Go to", "Do", "Look"] as const;
export type CommandGroup = (typeof COMMAND_GROUPS)[number];

/** One row of the palette. */
export interface Command {
  id: string;
  group: CommandGroup;
  label: string;
  icon: IconName;
  /** At the right: what kind of thing it is, or whether it writes. */
  hint?: string | undefined;
  /** More words that find it. */
  keywords?: readonly string[] | undefined;
}

interface Offered extends Command {
  owner: string;
  run: () => void;
}

let offered: readonly Offered[] = [];
const NONE: readonly Offered[] = [];
const listeners = new Set<() => void>();

let everyOffer: readonly Offered[] = [];

/** What a page draws twice, once for wide screens and once for narrow ones, is offered once. */
function change(next: readonly Offered[]): void {
  everyOffer = next;
  offered = next.filter(
    (command, index) => next.findIndex(({ id }) => id === command.id) === index,
  );
  for (const listener of listeners) listener();
}

/**
 * Offers a page's own commands in the palette for as long as the component is on the page.
 * @param commands keep the array stable (module scope or memo)
 * @param onChoose called with the id of the chosen one
 */
export function usePaletteCommands(
  commands: readonly Command[],
  onChoose: (id: string) => void,
): void {
  const owner = useId();
  const choose = useEffectEvent(onChoose);
  // The palette's list is the external system: what a page offered must go with it.
  useEffect(() => {
    const mine = commands.map((command) => ({ ...command, owner, run: () => choose(command.id) }));
    change([...everyOffer, ...mine]);
    return () => change(everyOffer.filter((command) => command.owner !== owner));
  }, [commands, owner]);
}

/** What the pages on screen offer now. */
export function useOfferedCommands(): readonly Offered[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => offered,
    () => NONE,
  );
}
