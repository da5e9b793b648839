"use client";

import { type RefObject, useRef } from "react";
import { useShortcut } from "@/components/shell/shortcuts";

/**
 * `j` and `k` move the focus through the row links inside an element; Enter is the link's own. Put the ref on the element that holds the rows,
 * `data-row` on each row and `data-row-link` on its link.
 */
export function useRowKeys<T extends HTMLElement>(on = true): RefObject<T | null> {
  const ref = useRef<T | null>(null);
  const move = (step: 1 | -1) => () => {
    const links = [...(ref.current?.querySelectorAll<HTMLElement>("[data-row-link]") ?? [])];
    if (links.length === 0) return;
    const at = links.findIndex((link) => link === document.activeElement);
    const current = links.findIndex(
      (link) => link.closest("[data-row]")?.getAttribute("aria-current") === "true",
    );
    const from = at >= 0 ? at : current >= 0 ? current : step === 1 ? -1 : links.length;
    links[Math.min(links.length - 1, Math.max(0, from + step))]?.focus();
  };
  useShortcut({ keys: "j", label: "Next row", group: "On this page" }, move(1), on);
  useShortcut({ keys: "k", label: "Previous row", group: "On this page" }, move(-1), on);
  return ref;
}
