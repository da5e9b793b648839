import "server-only";
import type { NextRequest } from "next/server";
import type { z } from "zod";
import type { Contract } from "@/lib/contracts/contract";
import type { Problem } from "@/lib/contracts/problem";
import { requireSession } from "@/server/auth/session";
import { getDb } from "@/server/clickhouse/client";
import { AppError, toProblem } from "@/server/errors";
import { log } from "@/server/log";
import { carryOut } from "./carry-out";
import type { Operation, Raw } from "./operation";
import { assertSameOrigin } from "./same-origin";

const MAX_BODY_BYTES = 256 * 1024;

type Handler = (
  request: NextRequest,
  context: { params: Promise<Record<string, string | string[] | undefined>> },
) => Promise<Response>;

/** RFC 9457 over HTTP. */
export function problemResponse(problem: Problem): Response {
  return Response.json(problem, {
    status: problem.status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...(problem.retryAfterSeconds === undefined
        ? {}
        : { "retry-after": String(problem.retryAfterSeconds) }),
    },
  });
}

/** The query as fields: a name that comes more than once is a list. */
function queryOf(url: URL): Raw {
  const fields: Record<string, unknown> = {};
  for (const name of new Set(url.searchParams.keys())) {
    const values = url.searchParams.getAll(name);
    fields[name] = values.length > 1 ? values : values[0];
  }
  return fields;
}

/** @throws AppError `unsupported-body` or `invalid-input` */
async function bodyOf(request: NextRequest): Promise<Raw> {
  const length = Number(request.headers.get("content-length") ?? 0);
  const tooLarge = new AppError(
    "invalid-input",
    `The body is larger than ${MAX_BODY_BYTES / 1024} kB.`,
  );
  if (length > MAX_BODY_BYTES) throw tooLarge;
  const text = await request.text();
  if (text === "") return {};
  if (text.length > MAX_BODY_BYTES) throw tooLarge;
  // A form of another site cannot send this type without asking first, which nobody here answers.
  if (!/^application\/json\b/i.test(request.headers.get("content-type") ?? ""))
    throw new AppError("unsupported-body", "Send the body as application/json.");
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw new AppError("invalid-input", "The body is not JSON.", { cause: error });
  }
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw new AppError("invalid-input", "The body is not a JSON object.");
  return body as Raw;
}

function idempotencyKeyOf(request: NextRequest): string | undefined {
  const key = request.headers.get("idempotency-key");
  if (key === null) return undefined;
  if (!/^[\x21-\x7e]{1,200}$/.test(key))
    throw new AppError(
      "invalid-input",
      "An Idempotency-Key has 1 to 200 printable characters without spaces.",
    );
  return key;
}

/**
 * The door for scripts and for the screen's reads: a route handler that runs the operation through the pipeline. The
 * session cookie says who it is. Errors are answered as RFC 9457 problems.
 *
 * @param status of a good answer
 */
export function serve<Input extends z.ZodObject, Reply extends z.ZodType>(
  contract: Contract<Input, Reply>,
  operation: Operation<z.ZodType, z.input<Reply>>,
  status = 200,
): Handler {
  // A reply that several who asked at once share is checked and written once.
  const written = new WeakMap<object, string>();
  return async (request, context) => {
    let idempotencyKey: string | undefined;
    // What cannot be read is left for the pipeline to refuse, so that it too asks first who it is, and audits.
    let unreadable: unknown;
    let fields: Raw = {};
    try {
      if (contract.method === "POST") {
        idempotencyKey = idempotencyKeyOf(request);
        fields = await bodyOf(request);
      } else fields = queryOf(request.nextUrl);
    } catch (error) {
      unreadable = error;
    }
    const params = await context.params;
    const named = Object.entries(contract.params).map(
      ([part, field]) => [field, params[part]] as const,
    );
    const result = await carryOut(
      operation,
      {
        admit: () => {
          if (contract.method === "POST") assertSameOrigin(request.headers);
        },
        actor: (fresh) =>
          requireSession({
            fresh,
            cookies: Object.fromEntries(
              request.cookies.getAll().map(({ name, value }) => [name, value]),
            ),
          }),
        db: () => getDb(),
        signal: request.signal,
        idempotencyKey,
        unreadable,
      },
      { ...fields, ...Object.fromEntries(named) },
    );
    if (!result.ok) return problemResponse(result.problem);
    const { value } = result;
    const shared = typeof value === "object" && value !== null ? value : {};
    let text = written.get(shared);
    if (text === undefined) {
      const reply = contract.reply.safeParse(value);
      if (!reply.success) {
        log().error(
          { err: reply.error, referenceId: result.referenceId, path: contract.path },
          "reply breaks its contract",
        );
        return problemResponse(toProblem(reply.error, result.referenceId));
      }
      text = JSON.stringify(reply.data);
      written.set(shared, text);
    }
    return new Response(text, {
      status,
      headers: { "content-type": "application/json", "cache-control": "no-store" },
    });
  };
}
