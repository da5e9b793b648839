import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ClientRequest, IncomingMessage } from "node:http";

import { z } from "zod";

const CHANNEL = "http.client.response.finish";

/** The part of ClickHouse's summary header that says how much memory the statement had at its most, in bytes. */
const Summary = z.object({ memory_usage: z.coerce.number() });

/**
 * The most memory that one of this process's statements took on the server while the work ran, in bytes, by the
 * statement's name. ClickHouse itself says it, in the header with which it ends each answer.
 */
export async function statementMemory(work: () => Promise<unknown>): Promise<Map<string, number>> {
  const peaks = new Map<string, number>();
  const listen = (message: unknown): void => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
    const summary = response.headers["x-clickhouse-summary"];
    const name = new URL(request.path, "http://server").searchParams.get("log_comment");
    if (typeof summary !== "string" || name === null) return;
    const { memory_usage } = Summary.parse(JSON.parse(summary));
    peaks.set(name, Math.max(peaks.get(name) ?? 0, memory_usage));
  };
  subscribe(CHANNEL, listen);
  try {
    await work();
  } finally {
    unsubscribe(CHANNEL, listen);
  }
  return peaks;
}
