import "server-only";
import { getDb } from "@/server/clickhouse/client";
import { countLetters } from "@/server/dlq/count-letters";
import { log } from "@/server/log";

const holder = globalThis as typeof globalThis & { __avesaCounting?: { again: boolean } };

/**
 * Counts anew what no longer holds of the counts of dead letters, while people look at them: reads are right without it. One
 * counts at a time in the process; asked meanwhile, it counts once more afterwards.
 */
export function countInBackground(): void {
  if (holder.__avesaCounting !== undefined) {
    holder.__avesaCounting.again = true;
    return;
  }
  const counting = { again: false };
  holder.__avesaCounting = counting;
  countAll()
    .catch((error: unknown) => {
      log().warn({ err: error }, "dead letters could not be counted ahead");
    })
    .finally(() => {
      delete holder.__avesaCounting;
      if (counting.again) countInBackground();
    });
}

async function countAll(): Promise<void> {
  for (const server of (await getDb()).shards) await countLetters(server);
}
