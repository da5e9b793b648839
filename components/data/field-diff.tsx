import Link from "next/link";
import type { ReactNode } from "react";
import {
  changedWords,
  type DiffField,
  type FieldValue,
  splitFields,
} from "@/components/data/prepare-diff";
import { Icon } from "@/components/ui/icon";
import { cn } from "@/lib/cn";
import { listNames } from "@/lib/format";

/** A value of a record: text as it is, a database null as NULL, an empty text in words, because both look like nothing. */
export function Value({ value }: { value: FieldValue }) {
  if (value === null) return <span className="type-mono whitespace-nowrap text-ink-3">NULL</span>;
  if (value === "") return <span className="text-ink-3">empty text</span>;
  return <>{String(value)}</>;
}

/**
 * Two versions side by side, field by field. Only what differs, the rest folded in one named row. A in quiet ink, B in weight on tint; within long text
 * only the changed words are underlined. Never red and green: a change is neither bad nor good.
 * @param headA @param headB what stands over the columns: `A, v5` and its dates
 * @param all true shows the equal fields too
 * @param selected the field whose origin is shown beside; its cell is outlined
 * @param hrefFor where a click on a value of B leads; without it values are plain
 */
export function FieldDiff({
  fields,
  headA,
  headB,
  all = false,
  selected,
  hrefFor,
}: {
  fields: readonly DiffField[];
  headA: ReactNode;
  headB: ReactNode;
  all?: boolean;
  selected?: string | null | undefined;
  hrefFor?: ((field: string) => string) | undefined;
}) {
  const { changed, equal } = splitFields(fields);
  const differs = new Set(changed.map((field) => field.name));
  const shown = all ? fields : changed;
  return (
    <div>
      <div className="scroll-quiet overflow-x-auto">
        <table
          aria-label="Difference"
          className="type-base w-full table-fixed border-separate border-spacing-0"
        >
          <thead className="type-small">
            <tr className="text-ink-3">
              <th
                scope="col"
                className="h-7 w-[21%] border-b max-sm:w-[28%] border-line-2 pr-2 pl-4 text-left font-normal"
              >
                Field
              </th>
              <th scope="col" className="border-b border-line-2 px-2 text-left font-normal">
                {headA}
              </th>
              <th
                scope="col"
                className="border-b border-line-2 bg-accent-tint px-2 text-left font-normal"
              >
                {headB}
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.length === 0 && (
              <tr>
                <td colSpan={3} className="h-9 border-b border-line px-4 text-ink-3">
                  No field differs.
                </td>
              </tr>
            )}
            {shown.map((field) => {
              const isSelected = selected === field.name;
              const isChanged = differs.has(field.name);
              return (
                <tr key={field.name} data-row>
                  <th
                    scope="row"
                    className="type-mono h-8 border-b border-line py-1.5 pr-2 pl-4 text-left align-middle font-normal [overflow-wrap:anywhere] text-ink-2"
                  >
                    {field.name}
                  </th>
                  <td className="type-small border-b border-line px-2 py-1.5 align-middle text-ink-2">
                    <span
                      className="line-clamp-3 [overflow-wrap:anywhere]"
                      title={titleOf(field.a)}
                    >
                      <Value value={field.a} />
                    </span>
                  </td>
                  <td
                    aria-current={isSelected ? "true" : undefined}
                    className={cn(
                      "type-small relative border-b border-line px-2 py-1.5 align-middle",
                      isChanged ? "bg-accent-tint font-medium text-ink" : "text-ink-2",
                      isSelected && "shadow-[inset_0_0_0_2px_var(--accent)]",
                    )}
                  >
                    <span
                      className="line-clamp-3 [overflow-wrap:anywhere]"
                      title={titleOf(field.b)}
                    >
                      {hrefFor === undefined ? (
                        <NewValue field={field} />
                      ) : (
                        <Link
                          href={hrefFor(field.name)}
                          scroll={false}
                          data-row-link
                          className="stretch-link"
                          aria-label={`${field.name}: where it comes from`}
                        >
                          <NewValue field={field} />
                        </Link>
                      )}
                    </span>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {!all && equal.length > 0 && (
        <details className="group border-b border-line">
          <summary className="focus-inset type-small flex min-h-8 items-center gap-2 px-4 text-ink-3 hover:bg-hover max-sm:min-h-11">
            <Icon
              name="chevron-right"
              size={12}
              className="transition-transform duration-120 group-open:rotate-90"
            />
            <span className="truncate">
              {equal.length === 1 ? "1 field is equal" : `${equal.length} fields are equal`}:{" "}
              {listNames(equal.map((field) => field.name))}
            </span>
          </summary>
          <dl className="type-small grid grid-cols-[21%_1fr] gap-y-1 px-4 pt-1 pb-3">
            {equal.map((field) => (
              <div key={field.name} className="contents">
                <dt className="type-mono leading-4 text-ink-3">{field.name}</dt>
                <dd className="[overflow-wrap:anywhere] text-ink-2 pl-2">
                  <Value value={field.b} />
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </div>
  );
}

function NewValue({ field }: { field: DiffField }) {
  const parts = changedWords(field.a, field.b);
  if (parts === null) return <Value value={field.b} />;
  return (
    <>
      {parts.map((part) => {
        return part.changed ? (
          <span key={part.offset} className="underline decoration-accent underline-offset-2">
            {part.text}
          </span>
        ) : (
          <span key={part.offset}>{part.text}</span>
        );
      })}
    </>
  );
}

function titleOf(value: FieldValue): string | undefined {
  return typeof value === "string" && value.length > 40 ? value : undefined;
}
