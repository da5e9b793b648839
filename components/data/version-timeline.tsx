"use client";

import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";
import {
  middleOf,
  namesAbove,
  prepareTimeline,
  type TimelineVersion,
  versionAt,
} from "@/components/data/prepare-timeline";
import { cn } from "@/lib/cn";
import { formatDate, formatDay, spellDuration } from "@/lib/time";
import { timeTicks } from "@/lib/time-axis";

export type Handle = "a" | "b";

const DAY_MS = 86_400_000;

/**
 * The versions of an entity on one lane, with two handles that choose the versions to compare. A handle can be dragged, or moved by keys: arrow for the
 * version before or after, Shift and arrow for a day, Home and End for the ends. It always stands for the version under it.
 * @param versions oldest first, at least one
 * @param a @param b numbers of the chosen versions; the URL owns them
 */
export function VersionTimeline({
  versions,
  a,
  b,
  onMove,
  nowMs,
  timeZone,
}: {
  versions: readonly TimelineVersion[];
  a: number;
  b: number;
  onMove: (handle: Handle, version: number) => void;
  nowMs: number;
  timeZone: string;
}) {
  const lane = useRef<HTMLDivElement | null>(null);
  const [moments, setMoments] = useState<Record<Handle, number | null>>({ a: null, b: null });
  const timeline = prepareTimeline(versions, nowMs);
  const span = timeline.toMs - timeline.fromMs;
  const at = (ms: number) =>
    `${Math.min(100, Math.max(0, ((ms - timeline.fromMs) / span) * 100))}%`;
  const above = namesAbove(timeline.pieces, 0.026);

  /** A moment put by hand stands as long as it lies in the chosen version; else the handle stands in the middle of it. */
  const place = (handle: Handle): { version: TimelineVersion; ms: number } | null => {
    const number = handle === "a" ? a : b;
    const version = versions.find((candidate) => candidate.number === number);
    if (!version) return null;
    const put = moments[handle];
    const ms =
      put !== null && versionAt(versions, put)?.number === number
        ? put
        : middleOf(version, timeline.toMs);
    return { version, ms };
  };

  const moveTo = (handle: Handle, ms: number) => {
    const clamped = Math.min(timeline.toMs, Math.max(timeline.fromMs, ms));
    const version = versionAt(versions, clamped);
    if (!version) return;
    setMoments({ ...moments, [handle]: clamped });
    if (version.number !== (handle === "a" ? a : b)) onMove(handle, version.number);
  };

  const stepTo = (handle: Handle, version: TimelineVersion | undefined) => {
    if (!version) return;
    setMoments({ ...moments, [handle]: null });
    onMove(handle, version.number);
  };

  const onKeyDown = (handle: Handle) => (event: KeyboardEvent) => {
    const here = place(handle);
    if (!here) return;
    const index = versions.indexOf(here.version);
    const direction = event.key === "ArrowLeft" || event.key === "ArrowDown" ? -1 : 1;
    switch (event.key) {
      case "ArrowLeft":
      case "ArrowDown":
      case "ArrowRight":
      case "ArrowUp":
        if (event.shiftKey) moveTo(handle, here.ms + direction * DAY_MS);
        else stepTo(handle, versions[index + direction]);
        break;
      case "Home":
        stepTo(handle, versions[0]);
        break;
      case "End":
        stepTo(handle, versions.at(-1));
        break;
      default:
        return;
    }
    event.preventDefault();
  };

  const onDrag = (handle: Handle) => (event: PointerEvent<HTMLElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const box = lane.current?.getBoundingClientRect();
    if (!box || box.width === 0) return;
    moveTo(handle, timeline.fromMs + ((event.clientX - box.left) / box.width) * span);
  };

  const placeA = place("a");
  const placeB = place("b");
  const [low, high] =
    placeA && placeB ? [Math.min(placeA.ms, placeB.ms), Math.max(placeA.ms, placeB.ms)] : [0, 0];
  const handles = [
    { handle: "a" as const, place: placeA },
    { handle: "b" as const, place: placeB },
  ];

  return (
    <div className="mx-4">
      <div ref={lane} className="relative mb-1.5 h-23.5">
        {placeA && placeB && (
          <div
            aria-hidden
            className="absolute top-6 h-14 bg-accent-tint"
            style={{ left: at(low), width: `calc(${at(high)} - ${at(low)})` }}
          />
        )}
        {timeTicks(timeline.fromMs, timeline.toMs, timeZone, 9).map((tick, index) => (
          <div key={tick.ms} aria-hidden>
            <span className="absolute top-7.5 h-11 w-px bg-line" style={{ left: at(tick.ms) }} />
            <span
              className={cn(
                "type-micro absolute bottom-0 whitespace-nowrap text-ink-3",
                index % 2 === 1 && "max-sm:hidden",
                (tick.ms - timeline.fromMs) / span < 0.03
                  ? ""
                  : (tick.ms - timeline.fromMs) / span > 0.97
                    ? "-translate-x-full"
                    : "-translate-x-1/2",
              )}
              style={{ left: at(tick.ms) }}
            >
              {tick.label}
            </span>
          </div>
        ))}

        {timeline.pieces.map(({ version, from, width }) => {
          const chosen = version.number === a || version.number === b;
          const current = version.toMs === null;
          return (
            <button
              key={version.number}
              type="button"
              tabIndex={-1}
              aria-label={`Compare to version ${version.number}`}
              title={`v${version.number}, ${describe(version, timeZone)}`}
              onClick={() => stepTo("b", version)}
              className={cn(
                "type-micro @container absolute top-9 h-6.5 min-w-px text-left font-semibold text-ink",
                version.noise === true && !chosen && "top-11 h-2.5",
              )}
              style={{ left: `${from * 100}%`, width: `max(1px, calc(${width * 100}% - 1px))` }}
            >
              <span
                data-bar
                className={cn(
                  "absolute inset-0",
                  chosen ? "bg-accent-mark" : version.noise === true ? "bg-track" : "bg-line-2",
                  current &&
                    "[clip-path:polygon(0_0,calc(100%-8px)_0,100%_50%,calc(100%-8px)_100%,0_100%)]",
                )}
              />
              <span
                className={cn(
                  "relative hidden h-full items-center pl-1.5 @min-[26px]:flex",
                  version.noise === true && !chosen && "font-medium text-ink-2",
                )}
              >
                v{version.number}
              </span>
            </button>
          );
        })}
        {timeline.pieces
          .filter(({ version }) => above.has(version.number))
          .map(({ version, from, width }) => (
            <span
              key={version.number}
              aria-hidden
              className={cn(
                "type-micro absolute top-4.5 whitespace-nowrap text-ink-3 max-sm:hidden",
                from + width / 2 < 0.01 ? "" : "-translate-x-1/2",
              )}
              style={{ left: `${(from + width / 2) * 100}%` }}
            >
              v{version.number}
              <span className="absolute top-3.5 left-0 block h-1 w-px bg-line-2" />
            </span>
          ))}

        {timeline.gaps.map((gap) => (
          <span
            key={gap.fromMs}
            data-bar
            role="img"
            aria-label={gapWords(gap.fromMs, gap.toMs)}
            title={gapWords(gap.fromMs, gap.toMs)}
            className="@container absolute top-9 h-6.5 border border-dashed border-ink-3"
            style={{ left: `${gap.from * 100}%`, width: `${gap.width * 100}%` }}
          >
            <span className="hatch hatch-mark absolute inset-0" />
            <span className="type-micro absolute bottom-full left-1/2 hidden -translate-x-1/2 pb-1.5 whitespace-nowrap text-ink-3 @min-[40px]:block">
              {gapWords(gap.fromMs, gap.toMs)}
            </span>
          </span>
        ))}

        {handles.map(({ handle, place: where }) => {
          if (!where) return null;
          const letter = handle.toUpperCase();
          const share = (where.ms - timeline.fromMs) / span;
          const dateLeft = handle === "a" ? share > 0.12 : share > 0.88;
          // Two handles close together at an end of the lane: a date between them would lie under the other handle.
          const other = handles.find((one) => one.handle !== handle)?.place;
          const isNear = other != null && Math.abs(other.ms - where.ms) / span < 0.1;
          const isCovered = isNear && (handle === "a" ? !dateLeft : dateLeft);
          return (
            <div
              key={handle}
              className="pointer-events-none absolute inset-y-0 w-0"
              style={{ left: at(where.ms) }}
            >
              <span aria-hidden className="absolute top-5 -left-px h-14.5 w-[1.5px] bg-ink" />
              <span
                role="slider"
                tabIndex={0}
                aria-label={`Version ${letter}`}
                aria-orientation="horizontal"
                aria-valuemin={versions[0]?.number ?? 1}
                aria-valuemax={versions.at(-1)?.number ?? 1}
                aria-valuenow={where.version.number}
                aria-valuetext={`version ${where.version.number}, ${describe(where.version, timeZone)}`}
                onKeyDown={onKeyDown(handle)}
                onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
                onPointerMove={onDrag(handle)}
                className="type-small pointer-events-auto absolute top-0 -left-2.5 z-1 flex size-5 cursor-ew-resize touch-none items-center justify-center rounded-tag bg-accent-fill font-semibold text-on-accent select-none"
              >
                {letter}
              </span>
              <span
                aria-hidden
                className={cn(
                  "type-micro absolute top-0.75 font-medium whitespace-nowrap text-ink max-sm:hidden",
                  dateLeft ? "right-3.5" : "left-3.5",
                  isCovered && "hidden",
                )}
              >
                {formatDate(where.ms, timeZone)}
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

function describe(version: TimelineVersion, timeZone: string): string {
  const end = version.toMs === null ? "now" : formatDay(version.toMs, timeZone);
  return `${formatDay(version.fromMs, timeZone)} – ${end}`;
}

function gapWords(fromMs: number, toMs: number | null): string {
  return toMs === null ? "deleted" : `deleted ${spellDuration((toMs - fromMs) / 1000)}`;
}
