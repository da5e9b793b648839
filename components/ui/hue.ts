import type { Hue } from "@/lib/status";

/** Classes of a hue, whole words so that the style sheet finds them. `text` is for words and icons, `solid` for fills, `tag` for tints. */
export const HUE_TEXT: Record<Hue, string> = {
  neutral: "text-ink-2",
  accent: "text-accent",
  good: "text-good",
  motion: "text-motion",
  warn: "text-warn",
  bad: "text-bad",
};

export const HUE_SOLID: Record<Hue, string> = {
  neutral: "bg-mark",
  accent: "bg-accent-fill",
  good: "bg-good-solid",
  motion: "bg-motion-solid",
  warn: "bg-warn-solid",
  bad: "bg-bad-solid",
};

/** Text that may stand on the solid of a hue. */
export const HUE_ON_SOLID: Record<Hue, string> = {
  neutral: "text-ink",
  accent: "text-on-accent",
  good: "text-on-warn",
  motion: "text-on-solid",
  warn: "text-on-warn",
  bad: "text-on-solid",
};

export const HUE_TAG: Record<Hue, string> = {
  neutral: "bg-hover text-ink-2",
  accent: "bg-accent-tint text-accent",
  good: "bg-good-tint text-good",
  motion: "bg-motion-tint text-motion",
  warn: "bg-warn-tint text-warn",
  bad: "bg-bad-tint text-bad",
};
