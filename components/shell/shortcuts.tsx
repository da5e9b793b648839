"use client";

import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useEffectEvent,
  useId,
  useState,
  useSyncExternalStore,
} from "react";
import { readCookie, writeCookie } from "@/components/shell/cookies";
import { parseKeys, type ShortcutKeys, stepSequence } from "@/components/shell/shortcut-keys";
import { SHORTCUTS_COOKIE } from "@/lib/theme";

export const SHORTCUT_GROUPS = ["Go to", "On this page", "Anywhere"] as const;
export type ShortcutGroup = (typeof SHORTCUT_GROUPS)[number];

export interface Shortcut {
  /** `g f` (one after the other), `j`, `?`, `Escape`, `mod+k` (⌘ or Ctrl). */
  keys: string;
  /** What it does, for the sheet: `Next row`. */
  label: string;
  group: ShortcutGroup;
}

interface Entry extends Shortcut {
  id: string;
  parsed: ShortcutKeys;
  run: () => void;
}

/** The one list of shortcuts: what listens is also what the sheet shows. */
class ShortcutRegistry {
  #entries: readonly Entry[] = [];
  #listeners = new Set<() => void>();

  register(entry: Entry): () => void {
    this.#set([...this.#entries, entry]);
    return () => this.#set(this.#entries.filter((other) => other !== entry));
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  snapshot = (): readonly Entry[] => this.#entries;

  #set(entries: readonly Entry[]): void {
    this.#entries = entries;
    for (const listener of this.#listeners) listener();
  }
}

const RegistryContext = createContext<ShortcutRegistry | null>(null);

function useRegistry(): ShortcutRegistry {
  const registry = useContext(RegistryContext);
  if (!registry) throw new Error("useShortcut needs the ShortcutProvider around it");
  return registry;
}

/** Listens to the keyboard for every registered shortcut. Single letters are off while typing, and can be switched off altogether. */
export function ShortcutProvider({ children }: { children: ReactNode }) {
  const [registry] = useState(() => new ShortcutRegistry());

  useEffect(() => {
    let pending: string[] = [];
    let pendingSince = 0;

    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const modified = event.metaKey || event.ctrlKey;
      if (!modified && (isTyping(event.target) || (lettersOff() && event.key.length === 1))) return;
      if (event.altKey) return;
      if (!modified && isOverlayOpen()) return;
      if (event.timeStamp - pendingSince > 1000) pending = [];
      // The latest registered comes first: a part of the page may take a key from the frame around it.
      const entries = registry.snapshot().toReversed();
      const step = stepSequence(
        entries.map((entry) => entry.parsed),
        pending,
        { key: event.key, mod: modified },
      );
      pending = step.pending;
      pendingSince = event.timeStamp;
      if (step.match === null) return;
      event.preventDefault();
      entries[step.match]?.run();
    };

    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [registry]);

  return <RegistryContext value={registry}>{children}</RegistryContext>;
}

/**
 * Registers a shortcut for as long as the component is on the page. It also appears on the `?` sheet.
 * @param on false takes it away without unmounting
 */
export function useShortcut(shortcut: Shortcut, run: () => void, on = true): void {
  const registry = useRegistry();
  const id = useId();
  const act = useEffectEvent(run);
  const { keys, label, group } = shortcut;

  // The registry is the external system: it outlives this component and must forget it.
  useEffect(() => {
    if (!on) return undefined;
    return registry.register({ id, keys, label, group, parsed: parseKeys(keys), run: () => act() });
  }, [registry, id, keys, label, group, on]);
}

/** The shortcuts that work now, for the sheet. Each key once: the one that would win. */
export function useShortcutList(): readonly Shortcut[] {
  const registry = useRegistry();
  const entries = useSyncExternalStore(registry.subscribe, registry.snapshot, registry.snapshot);
  const byKeys = new Map<string, Shortcut>();
  for (const entry of entries) byKeys.set(entry.keys, entry);
  return [...byKeys.values()];
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

/** True while something is open that has keys of its own. Toasts are dialogs too, but do not take the keyboard; a closed list may stay in the page, unseen. */
function isOverlayOpen(): boolean {
  const overlays = document.querySelectorAll(
    "[role=dialog]:not([aria-modal=false]), [role=alertdialog]:not([aria-modal=false]), [role=menu], [role=listbox]",
  );
  return [...overlays].some((overlay) => overlay.checkVisibility());
}

/** True when the person has switched single-letter shortcuts off. */
export function lettersOff(): boolean {
  return readCookie(SHORTCUTS_COOKIE) === "off";
}

/** Switches single-letter shortcuts on or off for this browser. */
export function setLettersOff(off: boolean): void {
  writeCookie(SHORTCUTS_COOKIE, off ? "off" : "on");
}
