import type { z } from "zod";
import { addressOf, type ReadInput } from "@/lib/contracts/address-of";
import type { Problem } from "@/lib/contracts/problem";
import type { AnyRead } from "./any-read";

/** A read that was answered with a problem, or not at all. */
export class ReadError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
    this.name = "ReadError";
  }
}

const UNREACHABLE: Problem = {
  type: "urn:avesa:problem:store-unavailable",
  title: "The console does not answer",
  status: 503,
  detail: "The console's server cannot be reached from this browser.",
  code: "store-unavailable",
  referenceId: "",
};

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "code" in value && "detail" in value;
}

/**
 * Asks a read in the browser and checks the answer.
 *
 * @throws ReadError
 */
export async function fetchRead<Reply extends z.ZodType>(
  contract: AnyRead<Reply>,
  input: ReadInput,
  signal?: AbortSignal,
): Promise<z.output<Reply>> {
  let response: Response;
  try {
    response = await fetch(addressOf(contract, input), {
      headers: { accept: "application/json" },
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ReadError(UNREACHABLE);
  }
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw new ReadError(isProblem(body) ? body : UNREACHABLE);
  return contract.reply.parse(body);
}
