import type { z } from "zod";

/**
 * One entry of the API: where it is, what goes in, what comes out. The route, the client's call and the test
 * all read it from here.
 */
export interface Contract<
  Input extends z.ZodObject = z.ZodObject,
  Reply extends z.ZodType = z.ZodType,
> {
  readonly method: "GET" | "POST";
  /** As the folders of `app/` spell it: `/api/v1/tenants/[tenant]/runs`. */
  readonly path: `/api/v1/${string}`;
  readonly summary: string;
  /** Which input field each `[part]` of the path fills. The path wins over a field of that name in the body. */
  readonly params: Readonly<Record<string, string>>;
  /** Path, query and body together; fields that are not named here are refused. */
  readonly input: Input;
  readonly reply: Reply;
}

/** Types a contract from its parts. */
export function contract<Input extends z.ZodObject, Reply extends z.ZodType>(
  parts: Contract<Input, Reply>,
): Contract<Input, Reply> {
  return parts;
}
