import { setTimeout as delay } from "node:timers/promises";

/**
 * Waits for a condition, looking every 100 ms.
 *
 * @returns whether it came true within `limitMs`
 */
export async function within(
  limitMs: number,
  condition: () => boolean | Promise<boolean>,
): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > deadline) return false;
    await delay(100);
  }
  return true;
}
