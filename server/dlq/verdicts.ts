import { groupBy } from "@/lib/group-by";
import type { Verdict } from "@/lib/contracts/dlq-commands";

/** A version of an entity; times in ms UTC, `ends` null while it is open. */
export interface EntityVersion {
  readonly id: string;
  readonly starts: number;
  readonly ends: number | null;
  readonly hash: string;
  readonly object: string;
  readonly row: number;
}

/** A record that passed, as it was staged. */
export interface StagedRecord {
  readonly id: string;
  /** ms UTC. */
  readonly at: number;
  readonly isDelete: boolean;
  readonly object: string;
  readonly row: number;
}

/** What a record does to the history, without the words. */
export type Effect = Pick<Verdict, "kind" | "opens" | "closes" | "changes">;

const NOTHING: Effect = { kind: "nothing", opens: null, closes: null, changes: null };

/**
 * What each record does to its entity's history, from the versions before and after. A change of the entity that no
 * record's own version shows is said of those records of the entity that show none. Pure.
 *
 * @returns by `object` and `row`, see {@link recordKey}
 */
export function effectsOf(
  records: readonly StagedRecord[],
  before: readonly EntityVersion[],
  after: readonly EntityVersion[],
): Map<string, Effect> {
  const effects = new Map<string, Effect>();
  const olds = groupBy(before, (version) => version.id);
  const news = groupBy(after, (version) => version.id);
  for (const [id, own] of groupBy(records, (record) => record.id)) {
    const old = byStart(olds.get(id) ?? []);
    const now = byStart(news.get(id) ?? []);
    const found = own.map((record) => [record, ownEffect(record, old, now)] as const);
    const isExplained = found.some(([, effect]) => effect !== undefined);
    for (const [record, effect] of found)
      effects.set(recordKey(record), effect ?? (isExplained ? NOTHING : leftEffect(old, now)));
  }
  return effects;
}

export function recordKey({ object, row }: { object: string; row: number }): string {
  return `${row} ${object}`;
}

function byStart(versions: readonly EntityVersion[]): EntityVersion[] {
  return versions.toSorted((a, b) => a.starts - b.starts);
}

/** What the record's own version or end shows; undefined where it shows nothing. */
function ownEffect(
  record: StagedRecord,
  old: readonly EntityVersion[],
  now: readonly EntityVersion[],
): Effect | undefined {
  if (record.isDelete) {
    const at = now.findIndex((version) => version.ends === record.at);
    const closed = now[at];
    if (closed === undefined || same(startingAt(old, closed.starts), closed)) return undefined;
    return { kind: "ends", opens: null, closes: at + 1, changes: null };
  }
  const at = now.findIndex(
    (version) =>
      version.object === record.object &&
      version.row === record.row &&
      startingAt(old, version.starts)?.hash !== version.hash,
  );
  const opened = now[at];
  if (opened === undefined) return undefined;
  // A version that starts earlier than it did is no further one.
  const isMoved = old.some(
    (version) =>
      version.hash === opened.hash &&
      version.ends === opened.ends &&
      startingAt(now, version.starts) === undefined,
  );
  const isReplaced = startingAt(old, opened.starts) !== undefined;
  if (isMoved || isReplaced) return { kind: "changes", opens: null, closes: null, changes: at + 1 };
  const previous = now[at - 1];
  const former = previous && startingAt(old, previous.starts);
  const closes =
    previous?.ends === opened.starts && former !== undefined && former.ends !== previous.ends
      ? at
      : null;
  return { kind: "opens", opens: at + 1, closes, changes: null };
}

/** What differs of the entity's history, where no record's own version says it. */
function leftEffect(old: readonly EntityVersion[], now: readonly EntityVersion[]): Effect {
  const at = now.findIndex((version) => !same(startingAt(old, version.starts), version));
  if (at >= 0) return { kind: "changes", opens: null, closes: null, changes: at + 1 };
  return old.length === now.length
    ? NOTHING
    : { kind: "changes", opens: null, closes: null, changes: null };
}

function startingAt(versions: readonly EntityVersion[], starts: number): EntityVersion | undefined {
  return versions.find((version) => version.starts === starts);
}

function same(a: EntityVersion | undefined, b: EntityVersion): boolean {
  return a !== undefined && a.ends === b.ends && a.hash === b.hash;
}
