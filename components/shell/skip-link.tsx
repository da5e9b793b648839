/** The first thing Tab reaches: past the frame, into the page. */
export function SkipLink() {
  return (
    <a
      href="#main"
      className="type-base sr-only rounded-control bg-accent-fill px-3 py-1.5 font-medium text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50"
    >
      Skip to the page
    </a>
  );
}
