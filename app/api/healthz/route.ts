import { NextResponse } from "next/server";
import { readHealth } from "@/server/health";

export const dynamic = "force-dynamic";

/** For whoever watches the process: 200 when it can do its work, 503 when not. Nobody needs to sign in to ask. */
export async function GET(): Promise<Response> {
  const health = await readHealth();
  return NextResponse.json(health, {
    status: health.status === "ok" ? 200 : 503,
    headers: { "cache-control": "no-store" },
  });
}
