import { z } from "zod";

/**
 * What a live message is about. `fleet`: health, freshness or the list of tenants. `runs`: any run. `dlq`: dead letters.
 * `run:<id>` and `tenant:<id>`: that one. `all`: the reader may have missed something and should read everything again.
 */
export type Topic = "fleet" | "runs" | "dlq" | "all" | `run:${string}` | `tenant:${string}`;

/**
 * A live message names what changed, never what it is now: the reader fetches that by its own route, with its own
 * permission. `storeAnswers` is false while ClickHouse cannot be asked.
 */
export const StreamMessage = z.object({
  topics: z.array(z.string()),
  storeAnswers: z.boolean(),
  at: z.iso.datetime({ precision: 3 }),
});
export type StreamMessage = z.infer<typeof StreamMessage>;
