"use client";

import { Select } from "@base-ui/react/select";
import { useId } from "react";
import { Icon } from "@/components/ui/icon";
import { cn } from "@/lib/cn";

export interface SelectOption<T extends string> {
  value: T;
  label: string;
  /** A word at the right of the option, quiet. */
  hint?: string | undefined;
}

/**
 * A choice of one from a short list. With `name` it takes part in a form.
 * @param labelHidden true keeps the label for readers only, where the place already says what is chosen
 */
export function SelectField<T extends string>({
  label,
  labelHidden = false,
  options,
  value,
  defaultValue,
  onChange,
  name,
  size = "normal",
  className,
}: {
  label: string;
  labelHidden?: boolean;
  options: readonly SelectOption<T>[];
  value?: T | undefined;
  defaultValue?: T | undefined;
  onChange?: ((value: T) => void) | undefined;
  name?: string | undefined;
  size?: "normal" | "small";
  className?: string | undefined;
}) {
  const id = useId();
  return (
    <div className={cn("grid gap-1", className)}>
      <span id={id} className={labelHidden ? "sr-only" : "type-small font-medium text-ink-2"}>
        {label}
      </span>
      <Select.Root
        items={options.map((option) => ({ value: option.value, label: option.label }))}
        {...(value === undefined ? {} : { value })}
        {...(defaultValue === undefined ? {} : { defaultValue })}
        {...(name === undefined ? {} : { name })}
        onValueChange={(next) => {
          const found = options.find((option) => option.value === next);
          if (found) onChange?.(found.value);
        }}
      >
        <Select.Trigger
          aria-labelledby={id}
          className={cn(
            "flex w-full items-center justify-between gap-2 rounded-control border border-edge bg-surface px-2 text-ink select-none hover:bg-hover max-sm:min-h-11",
            size === "small" ? "type-small min-h-6" : "type-base min-h-7",
          )}
        >
          <Select.Value />
          <Select.Icon>
            <Icon name="chevron-down" className="text-ink-3" />
          </Select.Icon>
        </Select.Trigger>
        <Select.Portal>
          <Select.Positioner
            sideOffset={4}
            alignItemWithTrigger={false}
            className="z-40 outline-none"
          >
            <Select.Popup className="max-h-[var(--available-height)] min-w-[var(--anchor-width)] overflow-y-auto rounded-control border border-float-line bg-float py-1 shadow-float transition-opacity duration-160 ease-out data-starting-style:opacity-0 data-ending-style:opacity-0">
              <Select.List>
                {options.map((option) => (
                  <Select.Item
                    key={option.value}
                    value={option.value}
                    className="type-base flex min-h-7 cursor-default items-center gap-2 px-2 text-ink outline-none select-none data-highlighted:bg-accent-tint max-sm:min-h-11"
                  >
                    <span className="w-3.5">
                      <Select.ItemIndicator>
                        <Icon name="check" className="text-accent" />
                      </Select.ItemIndicator>
                    </span>
                    <Select.ItemText>{option.label}</Select.ItemText>
                    {option.hint !== undefined && (
                      <span className="type-small ml-auto pl-4 text-ink-3">{option.hint}</span>
                    )}
                  </Select.Item>
                ))}
              </Select.List>
            </Select.Popup>
          </Select.Positioner>
        </Select.Portal>
      </Select.Root>
    </div>
  );
}
