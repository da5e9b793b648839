import "server-only";
import { dehydrate, HydrationBoundary, QueryClient } from "@tanstack/react-query";
import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import type { z } from "zod";
import type { ReadInput } from "@/lib/contracts/address-of";
import { AppError } from "@/server/errors";
import { log } from "@/server/log";
import type { AnyRead } from "./any-read";
import { readKey } from "./read-key";

/** A read of a page: its contract, its input as the view will ask for it, and what answers it on the server. */
export interface Prefetch {
  readonly contract: AnyRead;
  readonly input: ReadInput;
  readonly read: () => Promise<unknown>;
  /** Whether the page does not exist when this read finds nothing. */
  readonly isPage?: boolean;
}

/** Types one entry: what `read` gives must be what the contract replies. */
export function prefetch<Reply extends z.ZodType>(
  contract: AnyRead<Reply>,
  input: ReadInput,
  read: () => Promise<z.input<Reply>>,
  isPage = false,
): Prefetch {
  return { contract, input, read, isPage };
}

/**
 * Runs a page's reads at once and hands the answers to the view. A read that fails is left to the browser, which asks again
 * and shows in its own place what is wrong; the rest of the page stands.
 */
export async function Prefetched({
  reads,
  children,
}: {
  reads: readonly Prefetch[];
  children: ReactNode;
}) {
  const queryClient = new QueryClient();
  await Promise.all(
    reads.map(async ({ contract, input, read, isPage }) => {
      try {
        queryClient.setQueryData(readKey(contract, input), contract.reply.parse(await read()));
      } catch (error) {
        if (isPage === true && error instanceof AppError && error.code === "not-found") notFound();
        log().warn({ err: error, path: contract.path }, "a page could not be read ahead");
      }
    }),
  );
  return <HydrationBoundary state={dehydrate(queryClient)}>{children}</HydrationBoundary>;
}
