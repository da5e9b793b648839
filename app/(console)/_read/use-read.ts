"use client";

import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { z } from "zod";
import type { ReadInput } from "@/lib/contracts/address-of";
import type { Topic } from "@/lib/contracts/stream";
import type { AnyRead } from "./any-read";
import { fetchRead, type ReadError } from "./fetch-read";
import { useIsLive } from "./live";
import { readKey } from "./read-key";

const UNTIL_NEXT_LIVE_MS = 30_000;
const UNTIL_NEXT_POLL_MS = 10_000;

/**
 * A read as the page shows it: prefetched by the server, read again when a live message names one of its topics, and now and
 * then by itself, because ages grow without anything changing.
 */
export function useRead<Reply extends z.ZodType>(
  contract: AnyRead<Reply>,
  input: ReadInput,
  options: { topics?: readonly Topic[]; enabled?: boolean; keepPrevious?: boolean } = {},
): UseQueryResult<z.output<Reply>, ReadError> {
  const live = useIsLive();
  const { topics = [], enabled = true, keepPrevious = true } = options;
  return useQuery<z.output<Reply>, ReadError>({
    queryKey: readKey(contract, input),
    queryFn: ({ signal }) => fetchRead(contract, input, signal),
    enabled,
    meta: { topics },
    retry: (count, error) => error.problem?.status === 503 && count < 2,
    refetchInterval: topics.length === 0 ? false : live ? UNTIL_NEXT_LIVE_MS : UNTIL_NEXT_POLL_MS,
    ...(keepPrevious ? { placeholderData: keepPreviousData } : {}),
  });
}
