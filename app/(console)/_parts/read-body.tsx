"use client";

import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ReadProblem } from "@/app/(console)/_parts/read-problem";
import type { ReadError } from "@/app/(console)/_read/fetch-read";
import { Banner } from "@/components/ui/banner";
import { Button } from "@/components/ui/button";
import { SkeletonRows } from "@/components/ui/skeleton";
import { formatClockSeconds } from "@/lib/time";

/**
 * A section that shows one read: blocks while it is read for the first time, what is wrong when that fails, and under a banner
 * the last known data when a later read fails.
 * @param what what is read, with a capital: `Runs`
 */
export function ReadBody<Data>({
  query,
  what,
  timeZone,
  skeletonRows = 8,
  level,
  children,
}: {
  query: UseQueryResult<Data, ReadError>;
  what: string;
  timeZone: string;
  skeletonRows?: number;
  level?: 1 | 2;
  children: (data: Data) => ReactNode;
}) {
  const retry = (): void => void query.refetch();
  if (query.data === undefined) {
    if (query.error !== null)
      return (
        <ReadProblem
          what={what}
          error={query.error}
          retry={retry}
          busy={query.isFetching}
          {...(level === undefined ? {} : { level })}
        />
      );
    return <SkeletonRows rows={skeletonRows} label={`Reading: ${what}`} />;
  }
  return (
    <>
      {query.error !== null && (
        <Banner
          hue="bad"
          icon="unplug"
          strong="Not live."
          actions={
            <Button kind="quiet" size="small" onClick={retry} busy={query.isFetching}>
              Try now
            </Button>
          }
        >
          {what}, as last read at {formatClockSeconds(query.dataUpdatedAt, timeZone)}.
        </Banner>
      )}
      {children(query.data)}
    </>
  );
}
