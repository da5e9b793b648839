"use client";

import { useState } from "react";
import {
  lettersOff,
  setLettersOff,
  SHORTCUT_GROUPS,
  useShortcut,
  useShortcutList,
} from "@/components/shell/shortcuts";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";

const KEY_WORDS: Record<string, string> = { Escape: "Esc", Enter: "Enter", mod: "⌘" };

function Keys({ keys }: { keys: string }) {
  return (
    <span className="flex gap-1">
      {keys
        .split(" ")
        .flatMap((part) =>
          part
            .split("+")
            .map((key) => (
              <Kbd key={`${part}-${key}`}>
                {KEY_WORDS[key] ?? (key.length === 1 ? key.toUpperCase() : key)}
              </Kbd>
            )),
        )}
    </span>
  );
}

/** The sheet under `?`: every shortcut that works on this page, from the registry that makes them work. */
export function ShortcutSheet({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const shortcuts = useShortcutList();
  useShortcut({ keys: "?", label: "This sheet", group: "Anywhere" }, () => onOpenChange(true));
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Shortcuts"
      consequence="Single keys rest while you type."
      actions={<DialogClose render={<Button>Close</Button>} />}
    >
      {SHORTCUT_GROUPS.map((group) => {
        const rows = shortcuts.filter((shortcut) => shortcut.group === group);
        if (rows.length === 0) return null;
        return (
          <section key={group} aria-label={group}>
            <h3 className="type-small mb-1 text-ink-3">{group}</h3>
            <ul>
              {rows.map((shortcut) => (
                <li
                  key={shortcut.keys}
                  className="flex min-h-7 items-center justify-between border-b border-line"
                >
                  {shortcut.label}
                  <Keys keys={shortcut.keys} />
                </li>
              ))}
            </ul>
          </section>
        );
      })}
      {open && <LettersSwitch />}
    </Dialog>
  );
}

function LettersSwitch() {
  const [off, setOff] = useState(() => lettersOff());
  return (
    <label className="flex items-center gap-2">
      <input
        type="checkbox"
        checked={!off}
        onChange={(event) => {
          setOff(!event.target.checked);
          setLettersOff(!event.target.checked);
        }}
      />
      Single-key shortcuts
    </label>
  );
}
