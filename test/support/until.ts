import { setTimeout as delay } from "node:timers/promises";

/**
 * Waits for a condition, looking every 20 ms.
 *
 * @param what the condition in words, for the message
 * @throws Error when it has not come true within `limitMs`
 */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 30_000,
): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Not within ${limitMs} ms: ${what}.`);
    await delay(20);
  }
}
