import type { z } from "zod";

import type { Db } from "@/server/clickhouse/client";
import { AppError } from "@/server/errors";
import { carryOut } from "@/server/pipeline/carry-out";
import { commandLineCaller } from "@/server/pipeline/command-line";
import type { Operation } from "@/server/pipeline/operation";

/**
 * Carries an operation out for whoever uses the command line, through the same pipeline as the console, audit included.
 *
 * @throws AppError with the words of the refusal
 */
export async function carryOutForVerb<Input extends z.ZodType, Output>(
  db: Db,
  operation: Operation<Input, Output>,
  input: z.input<Input>,
): Promise<Output> {
  const result = await carryOut(operation, commandLineCaller(db), input);
  if (result.ok) return result.value;
  throw new AppError(result.problem.code, result.problem.detail);
}
