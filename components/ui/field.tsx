import { type ComponentProps, type ReactNode, useId } from "react";
import { Icon } from "@/components/ui/icon";
import { cn } from "@/lib/cn";

const CONTROL =
  "block w-full rounded-control border border-edge bg-surface text-ink outline-none focus:border-accent focus:ring-1 focus:ring-accent aria-invalid:border-bad-solid aria-invalid:ring-1 aria-invalid:ring-bad-solid";

const HEIGHTS = { normal: "min-h-7 px-2", large: "min-h-9 px-2" } as const;

export interface FieldProps {
  label: string;
  /** A sentence below: the unit, the type, UTC and the tenant's zone for a time. */
  help?: ReactNode | undefined;
  /** What is wrong, with the limit in it: `At most 100`. */
  error?: string | undefined;
  /** Mono, for names and keys that belong to the data. */
  monoLabel?: boolean | undefined;
  className?: string | undefined;
}

interface Ids {
  id: string;
  describedBy: string | undefined;
  invalid: true | undefined;
}

function FieldFrame({
  label,
  help,
  error,
  monoLabel = false,
  className,
  ids,
  children,
}: FieldProps & { ids: Ids; children: ReactNode }) {
  return (
    <div className={cn("grid min-w-0 gap-1", className)}>
      <label
        htmlFor={ids.id}
        className={cn("text-ink-2", monoLabel ? "type-mono font-medium" : "type-small font-medium")}
      >
        {label}
      </label>
      {children}
      {error !== undefined && (
        <p id={`${ids.id}-error`} className="type-micro flex items-center gap-1 text-bad">
          <Icon name="circle-x" size={12} />
          {error}
        </p>
      )}
      {help !== undefined && (
        <p id={`${ids.id}-help`} className="type-micro text-ink-3">
          {help}
        </p>
      )}
    </div>
  );
}

function useFieldIds({ help, error }: FieldProps, given: string | undefined): Ids {
  const made = useId();
  const id = given ?? made;
  const described = [
    error !== undefined && `${id}-error`,
    help !== undefined && `${id}-help`,
  ].filter((part) => part !== false);
  return {
    id,
    describedBy: described.length > 0 ? described.join(" ") : undefined,
    invalid: error === undefined ? undefined : true,
  };
}

/** A labelled one-line input with its help and its error. */
export function InputField({
  label,
  help,
  error,
  monoLabel,
  className,
  suffix,
  mono = false,
  size = "normal",
  id,
  ...rest
}: FieldProps &
  Omit<ComponentProps<"input">, "size" | "className"> & {
    /** A unit inside the right end: `min`, `%`. */
    suffix?: string | undefined;
    mono?: boolean | undefined;
    size?: keyof typeof HEIGHTS | undefined;
  }) {
  const field = { label, help, error, monoLabel, className };
  const ids = useFieldIds(field, id);
  return (
    <FieldFrame {...field} ids={ids}>
      <div className="relative">
        <input
          {...rest}
          id={ids.id}
          aria-invalid={ids.invalid}
          aria-describedby={ids.describedBy}
          className={cn(
            CONTROL,
            HEIGHTS[size],
            "max-sm:min-h-11",
            mono ? "type-mono" : "type-base",
            suffix !== undefined && "pr-10",
          )}
        />
        {suffix !== undefined && (
          <span className="pointer-events-none absolute inset-y-0 right-2 flex items-center text-ink-3">
            {suffix}
          </span>
        )}
      </div>
    </FieldFrame>
  );
}

/** A labelled text of several lines. */
export function TextareaField({
  label,
  help,
  error,
  monoLabel,
  className,
  mono = false,
  id,
  ...rest
}: FieldProps & Omit<ComponentProps<"textarea">, "className"> & { mono?: boolean | undefined }) {
  const field = { label, help, error, monoLabel, className };
  const ids = useFieldIds(field, id);
  return (
    <FieldFrame {...field} ids={ids}>
      <textarea
        rows={3}
        {...rest}
        id={ids.id}
        aria-invalid={ids.invalid}
        aria-describedby={ids.describedBy}
        className={cn(CONTROL, "resize-y px-2 py-1.5", mono ? "type-mono" : "type-base")}
      />
    </FieldFrame>
  );
}

/** A search box without a visible label; the name is for readers, the placeholder only hints. */
export function SearchInput({
  name,
  className,
  ...rest
}: Omit<ComponentProps<"input">, "type" | "name"> & { name: string }) {
  return (
    <div className={cn("relative", className)}>
      <Icon
        name="search"
        className="pointer-events-none absolute top-1/2 left-2 -translate-y-1/2 text-ink-3"
      />
      <input
        {...rest}
        type="search"
        aria-label={name}
        className={cn(CONTROL, HEIGHTS.normal, "type-base pl-7 max-sm:min-h-11")}
      />
    </div>
  );
}
