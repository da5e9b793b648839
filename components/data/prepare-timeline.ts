/** A version as the timeline needs it. */
export interface TimelineVersion {
  /** 1 for the first. Also its name in the URL. */
  number: number;
  fromMs: number;
  /** Null while it is in force. */
  toMs: number | null;
  /** True when only fields that flap have changed: drawn thin. */
  noise?: boolean | undefined;
}

export interface TimelinePiece {
  version: TimelineVersion;
  /** 0 to 1 of the lane. */
  from: number;
  width: number;
}

export interface TimelineGap {
  fromMs: number;
  /** Null when the entity is deleted to this day. */
  toMs: number | null;
  from: number;
  width: number;
}

export interface Timeline {
  fromMs: number;
  toMs: number;
  pieces: readonly TimelinePiece[];
  /** Where the entity did not exist: between two versions, or after the last. */
  gaps: readonly TimelineGap[];
}

/**
 * The lane of an entity: its versions and the gaps between them, as shares of the axis.
 * @param versions oldest first, not empty
 * @param nowMs the end of a version that is in force
 */
export function prepareTimeline(versions: readonly TimelineVersion[], nowMs: number): Timeline {
  const first = versions[0];
  const last = versions.at(-1);
  const fromMs = first?.fromMs ?? nowMs;
  const toMs = Math.max(nowMs, last?.toMs ?? nowMs, fromMs + 1);
  const span = toMs - fromMs;
  const share = (ms: number) => (ms - fromMs) / span;
  const gaps: TimelineGap[] = [];
  for (const [index, version] of versions.entries()) {
    if (version.toMs === null) continue;
    const next = versions[index + 1];
    const until = next === undefined ? null : next.fromMs;
    if (until !== null && until <= version.toMs) continue;
    gaps.push({
      fromMs: version.toMs,
      toMs: until,
      from: share(version.toMs),
      width: share(until ?? toMs) - share(version.toMs),
    });
  }
  return {
    fromMs,
    toMs,
    gaps,
    pieces: versions.map((version) => ({
      version,
      from: share(version.fromMs),
      width: share(version.toMs ?? toMs) - share(version.fromMs),
    })),
  };
}

/** The version under a moment: the one in force, or in a gap the one before it. Before the first, the first. */
export function versionAt(
  versions: readonly TimelineVersion[],
  ms: number,
): TimelineVersion | undefined {
  return versions.findLast((version) => version.fromMs <= ms) ?? versions[0];
}

/** The moment at which a handle stands when it was not put anywhere by hand: the middle of its version. */
export function middleOf(version: TimelineVersion, toMs: number): number {
  return version.fromMs + ((version.toMs ?? toMs) - version.fromMs) / 2;
}

/**
 * Which narrow versions get their name above the lane: those that have room of their own.
 * @param pieces all of them
 * @param least the width, as a share, under which a name does not fit inside
 */
export function namesAbove(pieces: readonly TimelinePiece[], least: number): ReadonlySet<number> {
  const chosen = new Set<number>();
  let free = -1;
  for (const piece of pieces) {
    const middle = piece.from + piece.width / 2;
    if (piece.width >= least || middle < free) continue;
    chosen.add(piece.version.number);
    free = middle + least * 1.2;
  }
  return chosen;
}
