import type { z } from "zod";
import type { Contract } from "@/lib/contracts/contract";

/** A contract as far as asking it is concerned. */
export type AnyRead<Reply extends z.ZodType = z.ZodType> = Pick<
  Contract<z.ZodObject, Reply>,
  "path" | "params" | "reply"
>;
