import "server-only";
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Db } from "@/server/clickhouse/client";
import { AppError } from "@/server/errors";
import { inTurn } from "@/server/in-turn";

interface Request {
  readonly actor: string;
  readonly action: string;
  /** Chosen by the caller. */
  readonly key: string;
  readonly input: unknown;
}

const Kept = z.object({ input_hash: z.string(), reply: z.string() });

/**
 * Carries a request out once for all its repeats within a day: a repeat gets the reply of the first. Only replies are kept;
 * after a failure the same key may be used again. Repeats that come at the same time wait for the first.
 *
 * @param perform gives a JSON value
 * @throws AppError `invalid-input` when the key was used with another input, and whatever `perform` throws
 */
export async function once<Reply>(
  db: Db,
  request: Request,
  perform: () => Promise<Reply>,
): Promise<Reply> {
  const { actor, action, key, input } = request;
  const inputHash = createHash("sha256").update(JSON.stringify(input)).digest("hex");
  return inTurn(`once:${JSON.stringify([actor, action, key])}`, async () => {
    const [kept] = await db.rows(
      {
        name: "idempotency.find",
        sql: `SELECT input_hash, reply
          FROM idempotency_keys
          WHERE actor = {actor:String} AND action = {action:String} AND key = {key:String}
            AND at > now64(3) - INTERVAL 24 HOUR
          ORDER BY at DESC
          LIMIT 1`,
        params: { actor, action, key },
      },
      Kept,
    );
    if (kept !== undefined) {
      if (kept.input_hash !== inputHash)
        throw new AppError("invalid-input", "This Idempotency-Key was used for another request.");
      return JSON.parse(kept.reply) as Reply;
    }
    const reply = await perform();
    await db.insert("idempotency_keys", [
      {
        actor,
        action,
        key,
        input_hash: inputHash,
        reply: JSON.stringify(reply),
        at: new Date().toISOString(),
      },
    ]);
    return reply;
  });
}
