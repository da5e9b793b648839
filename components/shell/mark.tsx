/** The mark: three offset bars on a spine, versions either side of a moment. The same drawing is in `public/mark.svg`. */
export function Mark({ size = 18 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 18 18" aria-hidden className="shrink-0">
      <rect x="1" y="3" width="7" height="3" fill="var(--accent)" />
      <rect x="9" y="7.5" width="8" height="3" fill="var(--accent)" />
      <rect x="2.5" y="12" width="5.5" height="3" fill="var(--mark)" />
      <rect x="7.75" y="1.5" width="1.5" height="15" fill="var(--ink)" />
    </svg>
  );
}

/** Mark and name. Folded, only the mark is seen; the name stays for readers. */
export function Brand({
  folded = false,
  small = false,
}: {
  folded?: boolean;
  /** True where the name has to fit the nav. */
  small?: boolean;
}) {
  return (
    <span className="flex items-center gap-2 whitespace-nowrap">
      <Mark />
      <span className={folded ? "sr-only" : "type-base"}>
        <span className="font-semibold text-ink">AVESA</span>{" "}
        <span className={small ? "type-small text-ink-3" : "text-ink-3"}>data movement</span>
      </span>
    </span>
  );
}
