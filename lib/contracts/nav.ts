import { z } from "zod";
import { contract } from "./contract";
import { Instant, TenantId } from "./values";

/** What the frame around every page shows: the tenants to choose from, counts beside the places, what stands behind. */
export const NavReply = z.object({
  asOf: Instant,
  tenants: z.array(z.object({ id: TenantId, name: z.string(), timeZone: z.string() })),
  /** Runs that are not over. */
  runs: z.number(),
  /** Dead letters that are open. */
  deadLetters: z.number(),
  clickHouse: z.object({ version: z.string(), milliseconds: z.number() }),
});
export type NavReply = z.infer<typeof NavReply>;

export const navContract = contract({
  method: "GET",
  path: "/api/v1/nav",
  summary: "Tenants, counts and what stands behind the console",
  params: {},
  input: z.strictObject({}),
  reply: NavReply,
});
