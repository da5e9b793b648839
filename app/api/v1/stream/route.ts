import type { NextRequest } from "next/server";
import { requirePermission } from "@/server/auth/session";
import { newReferenceId, toProblem } from "@/server/errors";
import { broadcaster, type Sent } from "@/server/live/broadcaster";
import { problemResponse } from "@/server/pipeline/serve";

const PING_MS = 15_000;
/** A connection ends after this long; the browser comes back by itself and is asked who it is again. */
const LIFETIME_MS = 5 * 60_000;

function textOf({ id, message }: Sent): string {
  return `id: ${id}\ndata: ${JSON.stringify(message)}\n\n`;
}

/** Live messages as server-sent events; see `lib/contracts/stream.ts`. At most one a second, ids rise. */
export async function GET(request: NextRequest): Promise<Response> {
  try {
    await requirePermission("fleet:read", {
      cookies: Object.fromEntries(request.cookies.getAll().map(({ name, value }) => [name, value])),
    });
  } catch (error) {
    return problemResponse(toProblem(error, newReferenceId()));
  }
  const seen = Number(request.headers.get("last-event-id") ?? Number.NaN);
  const encoder = new TextEncoder();
  let cleanup = (): void => {};

  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      let ended = false;
      let stop = (): void => {};
      let ping: NodeJS.Timeout | undefined;
      let end: NodeJS.Timeout | undefined;
      cleanup = () => {
        if (ended) return;
        ended = true;
        stop();
        clearInterval(ping);
        clearTimeout(end);
        request.signal.removeEventListener("abort", cleanup);
        try {
          controller.close();
        } catch {
          // It is closed already when it was the reader who left.
        }
      };
      const write = (text: string): void => {
        try {
          controller.enqueue(encoder.encode(text));
        } catch {
          cleanup();
        }
      };
      request.signal.addEventListener("abort", cleanup);
      if (request.signal.aborted) return cleanup();
      const source = broadcaster();
      stop = source.listen((sent) => write(textOf(sent)));
      ping = setInterval(() => write(": ping\n\n"), PING_MS);
      end = setTimeout(cleanup, LIFETIME_MS);
      write("retry: 2000\n\n");
      if (Number.isFinite(seen)) {
        const missed = source.since(seen) ?? ["all"];
        const message = { topics: [...missed], storeAnswers: true, at: new Date().toISOString() };
        if (missed.length > 0) write(textOf({ id: Math.max(source.lastId, seen), message }));
      }
      return undefined;
    },
    cancel() {
      cleanup();
    },
  });
  return new Response(stream, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
    },
  });
}
