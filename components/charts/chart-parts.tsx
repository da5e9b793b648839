/** Parts that the charts share: the hatch of what is not there, and ticks in our type. */

/** A pattern for `fill="url(#id)"`. */
export function HatchPattern({ id, color }: { id: string; color: string }) {
  return (
    <pattern
      id={id}
      width={4.2}
      height={4.2}
      patternUnits="userSpaceOnUse"
      patternTransform="rotate(45)"
    >
      <line x1={0} y1={0} x2={0} y2={4.2} stroke={color} strokeWidth={1.2} />
    </pattern>
  );
}

/** React's ids have signs in them that a url() reference does not take. */
export function patternId(id: string, name: string): string {
  return `${name}-${id.replace(/[^a-zA-Z0-9]/g, "")}`;
}

export const AXIS_TEXT = { fontSize: 11, fill: "var(--ink-3)", letterSpacing: "0.002em" } as const;

/** The small panel under the pointer. */
export function ChartTip({ title, lines }: { title: string; lines: readonly string[] }) {
  return (
    <div className="type-small rounded-control border border-float-line bg-float px-2 py-1.5 text-ink shadow-float">
      <p className="text-ink-3">{title}</p>
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
    </div>
  );
}
