import { z } from "zod";

/**
 * A live message names what changed, never what it is now: the reader fetches that by its own route, with its
 * own permission. Topics: `fleet`, `runs`, `dlq`, `run:<id>`, `tenant:<id>`.
 */
export const StreamMessage = z.object({
  topics: z.array(z.string()),
  at: z.iso.datetime({ precision: 3 }),
});
export type StreamMessage = z.infer<typeof StreamMessage>;
