import { z } from "zod";
import { contract } from "./contract";
import { Instant } from "./values";

export const THROUGHPUT_WINDOWS = ["6h", "24h", "7d"] as const;
export const ThroughputWindow = z.enum(THROUGHPUT_WINDOWS);
export type ThroughputWindow = z.infer<typeof ThroughputWindow>;

/** `rowsPerSecond` and `rejectedPercent` are null where no run was at work: a gap, not a zero. */
export const ThroughputBucket = z.object({
  at: Instant,
  rowsPerSecond: z.number().nullable(),
  rejectedPercent: z.number().nullable(),
});
export type ThroughputBucket = z.infer<typeof ThroughputBucket>;

export const ThroughputReply = z.object({
  asOf: Instant,
  window: ThroughputWindow,
  bucketSeconds: z.number(),
  buckets: z.array(ThroughputBucket),
  read: z.number(),
  rejected: z.number(),
});
export type ThroughputReply = z.infer<typeof ThroughputReply>;

export const throughputContract = contract({
  method: "GET",
  path: "/api/v1/throughput",
  summary: "Rows a second and rejects over time, all tenants",
  params: {},
  input: z.strictObject({ window: ThroughputWindow.default("6h") }),
  reply: ThroughputReply,
});
