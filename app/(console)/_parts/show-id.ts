/**
 * An id as it can stand in a line: control characters in the form that JSON gives them, cut in the middle when it is long. The
 * whole id is what the copy button has.
 */
export function showId(id: string, max: number): string {
  const visible = JSON.stringify(
    id.length > 4 * max ? `${id.slice(0, 2 * max)}${id.slice(-2 * max)}` : id,
  )
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("\\\\", "\\");
  if (visible.length <= max) return visible;
  const tail = Math.floor(max / 3);
  return `${visible.slice(0, max - tail - 1)}…${visible.slice(-tail)}`;
}
