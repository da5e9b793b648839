import type { ReactNode } from "react";
import { CopyButton } from "@/components/ui/copy-button";
import { Icon, type IconName } from "@/components/ui/icon";
import { StepList } from "@/components/ui/step-list";

/**
 * Something cannot be shown: the code, what cannot be done, what happened in plain words, a way to try again, what still works, and a reference for
 * whoever is asked for help. Never SQL, never a stack.
 */
export function ErrorState({
  code,
  icon = "server-off",
  title,
  sentence,
  actions,
  cannot,
  works,
  waits,
  reference,
  facts,
  aside,
  level = 2,
}: {
  /** From the closed list of error codes: `CLICKHOUSE_UNREACHABLE`. */
  code: string;
  icon?: IconName;
  title: string;
  sentence: ReactNode;
  actions?: ReactNode | undefined;
  cannot?: string | undefined;
  works?: string | undefined;
  waits?: string | undefined;
  reference?: string | undefined;
  /** More lines for the reader who looks deeper: name and value. */
  facts?: readonly { name: string; value: string }[] | undefined;
  /** The last known data, at the right. */
  aside?: ReactNode | undefined;
  level?: 1 | 2;
}) {
  const Heading = level === 1 ? "h1" : "h2";
  const lines = [
    cannot === undefined
      ? []
      : [
          {
            id: "cannot",
            icon: "circle-x" as const,
            tone: "bad" as const,
            name: "Cannot be read",
            fact: cannot,
          },
        ],
    works === undefined
      ? []
      : [
          {
            id: "works",
            icon: "circle-check" as const,
            tone: "good" as const,
            name: "Still works",
            fact: works,
          },
        ],
    waits === undefined
      ? []
      : [
          {
            id: "waits",
            icon: "pause" as const,
            tone: "warn" as const,
            name: "Waits",
            fact: waits,
          },
        ],
  ].flat();
  return (
    <div className="flex flex-wrap gap-x-18 gap-y-10 px-4 py-10 max-sm:py-6">
      <div role="alert" className="w-140 max-w-full">
        <p className="flex items-center gap-1.25 font-medium text-bad">
          <Icon name={icon} size={16} />
          {code}
        </p>
        <Heading className="type-figure mt-2">{title}</Heading>
        <p className="type-prose mt-1.5 max-w-135 text-ink-2">{sentence}</p>
        {actions !== undefined && (
          <div className="mt-4 flex flex-wrap items-center gap-2">{actions}</div>
        )}
        {lines.length > 0 && (
          <div className="mt-6">
            <StepList lines={lines} label="What works and what does not" />
          </div>
        )}
        {(reference !== undefined || (facts?.length ?? 0) > 0) && (
          <dl className="type-small mt-4 grid grid-cols-[5.5rem_1fr] gap-y-0.5">
            {reference !== undefined && (
              <>
                <dt className="text-ink-3">reference</dt>
                <dd className="type-mono flex items-center gap-1 break-all">
                  {reference}
                  <CopyButton text={reference} label="Copy reference" />
                </dd>
              </>
            )}
            {facts?.map((fact) => (
              <div key={fact.name} className="contents">
                <dt className="text-ink-3">{fact.name}</dt>
                <dd className="type-mono break-all">{fact.value}</dd>
              </div>
            ))}
          </dl>
        )}
      </div>
      {aside !== undefined && <div className="max-w-full min-w-60">{aside}</div>}
    </div>
  );
}
