/**
 * As Promise.all, but a failure is told only when all have ended, so that nothing is at work behind the back of whoever hears of
 * it.
 *
 * @throws what the first that failed, in their order, threw
 */
export async function allEnded<T extends readonly unknown[]>(
  promises: readonly [...{ [Place in keyof T]: Promise<T[Place]> }],
): Promise<T> {
  const ends = await Promise.allSettled(promises);
  const values = ends.map((end) => {
    if (end.status === "rejected") throw end.reason;
    return end.value;
  });
  return values as unknown as T;
}
