"use client";

import Link from "next/link";
import { type ComponentProps, type MouseEvent, type ReactNode, useId } from "react";
import { Icon, type IconName } from "@/components/ui/icon";
import { cn } from "@/lib/cn";

export const BUTTON_KINDS = ["main", "plain", "quiet", "danger", "danger-solid"] as const;
export type ButtonKind = (typeof BUTTON_KINDS)[number];

const BASE =
  "inline-flex items-center justify-center gap-2 rounded-control border font-medium whitespace-nowrap select-none transition-colors duration-120 ease-out";

const KINDS: Record<ButtonKind, string> = {
  main: "border-transparent bg-accent-fill text-on-accent hover:opacity-90",
  plain: "border-edge bg-surface text-ink hover:bg-hover",
  quiet: "border-transparent text-ink-2 hover:bg-hover hover:text-ink",
  danger: "border-edge bg-surface text-bad hover:bg-hover",
  "danger-solid": "border-transparent bg-bad-solid text-on-solid hover:opacity-90",
};

const SIZES = {
  normal: "type-base min-h-7 px-2.5 max-sm:min-h-11 max-sm:px-4",
  small: "type-small min-h-6 px-2 max-sm:min-h-11 max-sm:px-3",
  large: "type-base min-h-9 px-3 max-sm:min-h-11",
} as const;

export type ButtonSize = keyof typeof SIZES;

/** The classes of a button, for primitives that draw their own element. */
export function buttonClass(kind: ButtonKind = "plain", size: ButtonSize = "normal"): string {
  return cn(BASE, KINDS[kind], SIZES[size]);
}

export interface ButtonProps extends Omit<
  ComponentProps<"button">,
  "disabled" | "aria-disabled" | "children"
> {
  kind?: ButtonKind;
  size?: ButtonSize;
  icon?: IconName | undefined;
  /** Why the button cannot be used now, in a few words. It stays focusable and says so; a click does nothing. */
  offReason?: string | undefined;
  /** True while its work runs. The width stays as it was. */
  busy?: boolean | undefined;
  /** What the label becomes while busy: `Planning…`. */
  busyLabel?: string | undefined;
  children: ReactNode;
}

/** A button: main (one a page), plain, quiet, danger. It can be off with a reason, or busy. */
export function Button({
  kind = "plain",
  size = "normal",
  icon,
  offReason,
  busy = false,
  busyLabel,
  className,
  children,
  type = "button",
  onClick,
  ...rest
}: ButtonProps) {
  const reasonId = useId();
  const off = offReason !== undefined;

  const guard = (event: MouseEvent<HTMLButtonElement>) => {
    if (off || busy) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    onClick?.(event);
  };

  if (off) {
    return (
      <button
        {...rest}
        type={type}
        aria-disabled
        aria-describedby={reasonId}
        onClick={guard}
        className={cn(
          BASE,
          SIZES[size],
          "cursor-not-allowed flex-wrap gap-y-0 border-dashed border-line-2 bg-transparent text-ink-3",
          className,
        )}
      >
        {icon && <Icon name={icon} />}
        {children}
        <span
          id={reasonId}
          className="type-micro whitespace-normal text-left max-sm:basis-full max-sm:text-center"
        >
          {offReason}
        </span>
      </button>
    );
  }

  return (
    <button
      {...rest}
      type={type}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={guard}
      className={cn(buttonClass(kind, size), busy && "cursor-progress", className)}
    >
      {busyLabel === undefined ? (
        <>
          {busy ? <Icon name="loader-circle" turning /> : icon && <Icon name={icon} />}
          {children}
        </>
      ) : (
        // Both labels share one grid cell, so the wider of them sets the width once.
        <span className="grid">
          <span
            className={cn(
              "col-start-1 row-start-1 inline-flex items-center justify-center gap-2",
              busy && "invisible",
            )}
          >
            {icon && <Icon name={icon} />}
            {children}
          </span>
          <span
            aria-hidden={!busy}
            className={cn(
              "col-start-1 row-start-1 inline-flex items-center justify-center gap-2",
              !busy && "invisible",
            )}
          >
            <Icon name="loader-circle" turning={busy} />
            {busyLabel}
          </span>
        </span>
      )}
    </button>
  );
}

/** A link that looks like a button, because it is the page's next step. */
export function ButtonLink({
  kind = "plain",
  size = "normal",
  icon,
  trailingIcon,
  className,
  children,
  ...rest
}: Omit<ComponentProps<typeof Link>, "children"> & {
  kind?: ButtonKind;
  size?: ButtonSize;
  icon?: IconName | undefined;
  trailingIcon?: IconName | undefined;
  children: ReactNode;
}) {
  return (
    <Link {...rest} className={cn(buttonClass(kind, size), className)}>
      {icon && <Icon name={icon} />}
      {children}
      {trailingIcon && <Icon name={trailingIcon} />}
    </Link>
  );
}

/** A square button that holds only an icon; the label is its name and its tooltip. */
export function IconButton({
  icon,
  label,
  className,
  type = "button",
  ...rest
}: Omit<ComponentProps<"button">, "children" | "aria-label"> & { icon: IconName; label: string }) {
  return (
    <button
      {...rest}
      type={type}
      aria-label={label}
      title={label}
      className={cn(
        "inline-flex size-6 items-center justify-center rounded-control text-ink-2 transition-colors duration-120 ease-out hover:bg-hover hover:text-ink max-sm:size-11",
        className,
      )}
    >
      <Icon name={icon} />
    </button>
  );
}
