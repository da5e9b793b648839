"use client";

import { debounce, useQueryStates } from "nuqs";
import { ReadBody } from "@/app/(console)/_parts/read-body";
import { useRead } from "@/app/(console)/_read/use-read";
import { LogList } from "@/components/data/log-list";
import { SearchInput } from "@/components/ui/field";
import { SectionHead } from "@/components/ui/section-head";
import { SelectField } from "@/components/ui/select-field";
import { TextLink } from "@/components/ui/text-link";
import { type EventLevel, runEventsContract } from "@/lib/contracts/runs";
import { formatCount } from "@/lib/format";
import { runHref, runParams } from "../search-params";
import { eventText } from "./event-lines";

const LEVELS: readonly { value: EventLevel; label: string }[] = [
  { value: "info", label: "Info and up" },
  { value: "warn", label: "Warnings and errors" },
  { value: "error", label: "Errors" },
];

/** The run's log: the tail first, then page by page back. */
export function RunLog({ runId, timeZone }: { runId: string; timeZone: string }) {
  const [params, setParams] = useQueryStates(runParams);
  const path = `/runs/${encodeURIComponent(runId)}`;
  const query = useRead(
    runEventsContract,
    {
      runId,
      level: params.level,
      search: params.log,
      table: params.table,
      before: params.before,
      limit: 50,
    },
    { topics: params.before === null ? [`run:${runId}`] : [] },
  );
  const data = query.data;
  return (
    <section aria-label="Log">
      <SectionHead
        name="Log"
        fact={
          data === undefined
            ? undefined
            : `${params.before === null ? "tail" : "older"}, ${formatCount(data.matching.count)}${data.matching.capped ? "+" : ""} lines`
        }
        rule="new"
        className="py-1"
        actions={
          <>
            <SelectField
              label="Level"
              labelHidden
              size="small"
              className="w-42"
              options={LEVELS}
              value={params.level}
              onChange={(level) => void setParams({ level, before: null })}
            />
            <SearchInput
              name="Search the log"
              placeholder="Search"
              defaultValue={params.log}
              className="w-40"
              onChange={(event) =>
                void setParams(
                  { log: event.target.value, before: null },
                  { limitUrlUpdates: debounce(250) },
                )
              }
            />
          </>
        }
      />
      <ReadBody query={query} what="The log" timeZone={timeZone} skeletonRows={6}>
        {(reply) =>
          reply.rows.length === 0 ? (
            <p className="px-4 pb-3 text-ink-3">No line matches.</p>
          ) : (
            <>
              <LogList
                label="Log lines, newest first"
                timeZone={timeZone}
                lines={reply.rows.map((event) => ({
                  id: `${event.at} ${event.sequence}`,
                  at: event.at,
                  level: event.level,
                  text: `${event.event} ${eventText(event)}`,
                }))}
              />
              <p className="type-small flex gap-4 px-4 pb-3">
                {params.before !== null && (
                  <TextLink href={runHref(path, { ...params, before: null })} scroll={false}>
                    Back to the tail
                  </TextLink>
                )}
                {reply.older !== null && (
                  <TextLink href={runHref(path, { ...params, before: reply.older })} scroll={false}>
                    Older lines
                  </TextLink>
                )}
              </p>
            </>
          )
        }
      </ReadBody>
    </section>
  );
}
