"use client";

import { type ReactNode, useId } from "react";
import {
  Area,
  Bar,
  CartesianGrid,
  ComposedChart,
  ReferenceArea,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { ChartFrame } from "@/components/charts/chart-frame";
import { AXIS_TEXT, ChartTip, HatchPattern, patternId } from "@/components/charts/chart-parts";
import type { ThroughputModel } from "@/components/charts/prepare-throughput";
import { formatPercent, formatShort } from "@/lib/format";
import { formatClock, formatMoment } from "@/lib/time";

const LEFT = 34;

/** Throughput over time with the share rejected hanging below it on its own scale. Gaps are hatched, never zero. */
export function ThroughputChart({
  model,
  timeZone,
  link,
  height = 116,
}: {
  model: ThroughputModel;
  timeZone: string;
  /** After the sentence: a link to the cause. */
  link?: ReactNode | undefined;
  /** Of the upper chart, px. */
  height?: number;
}) {
  const id = useId();
  const gapFill = patternId(id, "gap");
  const x = {
    dataKey: "ms",
    type: "number" as const,
    domain: [model.fromMs, model.toMs] as [number, number],
    scale: "linear" as const,
    allowDataOverflow: true,
  };
  const lastTick = model.latest === null ? null : formatClock(model.toMs, timeZone);
  const bars = model.points.map((point) => ({ ...point, ms: point.ms + model.bucketMs / 2 }));

  return (
    <ChartFrame
      name="Throughput"
      sentence={
        <>
          {model.sentence} {link}
        </>
      }
      twin={{
        columns: [
          { key: "label", label: "from" },
          { key: "rate", label: "throughput", align: "right" },
          { key: "rejected", label: "rejected", align: "right" },
        ],
        rows: model.rows,
      }}
    >
      <div role="img" aria-label={`Throughput over time. ${model.sentence}`}>
        <ResponsiveContainer width="100%" height={height} initialDimension={{ width: 340, height }}>
          <ComposedChart
            data={[...model.points]}
            margin={{ top: 6, right: 4, bottom: 0, left: 0 }}
            accessibilityLayer={false}
            syncId={id}
          >
            <defs>
              <HatchPattern id={gapFill} color="var(--line-2)" />
            </defs>
            <CartesianGrid vertical={false} stroke="var(--line)" />
            <XAxis
              {...x}
              ticks={model.ticks
                .filter((tick) => model.toMs - tick.ms > (model.toMs - model.fromMs) * 0.13)
                .map((tick) => tick.ms)
                .concat(lastTick === null ? [] : [model.toMs])}
              interval={0}
              height={18}
              tickSize={0}
              tickMargin={6}
              axisLine={{ stroke: "var(--edge)" }}
              tick={<RoundTime model={model} last={lastTick} />}
            />
            <YAxis
              width={LEFT}
              domain={[0, model.rateTicks.at(-1) ?? 1]}
              ticks={[...model.rateTicks]}
              interval={0}
              axisLine={false}
              tickLine={false}
              tickMargin={4}
              tick={AXIS_TEXT}
              tickFormatter={(value: number) => formatAxis(value)}
            />
            {model.gaps.map((gap) => (
              <ReferenceArea
                key={gap.fromMs}
                x1={gap.fromMs}
                x2={gap.toMs}
                fill={`url(#${gapFill})`}
                fillOpacity={1}
                stroke="none"
                {...(gap.label === null
                  ? {}
                  : {
                      label: {
                        value: gap.label,
                        // Words wider than a gap at the end of the axis must not run over its edge.
                        position:
                          gap.toMs >= model.toMs
                            ? ("insideTopRight" as const)
                            : ("insideTop" as const),
                        ...AXIS_TEXT,
                        fill: "var(--ink-2)",
                      },
                    })}
              />
            ))}
            <Area
              dataKey="rate"
              type="stepAfter"
              stroke="var(--accent)"
              strokeWidth={1.25}
              fill="var(--accent-tint)"
              fillOpacity={1}
              isAnimationActive={false}
              connectNulls={false}
              dot={false}
              activeDot={{ r: 2.5, fill: "var(--accent)", stroke: "none" }}
            />
            <Tooltip
              isAnimationActive={false}
              cursor={{ stroke: "var(--edge)" }}
              content={<BucketTip model={model} timeZone={timeZone} />}
            />
          </ComposedChart>
        </ResponsiveContainer>
        <ResponsiveContainer width="100%" height={42} initialDimension={{ width: 340, height: 42 }}>
          <ComposedChart
            data={bars}
            margin={{ top: 8, right: 4, bottom: 6, left: 0 }}
            accessibilityLayer={false}
            barCategoryGap={0.5}
          >
            <CartesianGrid vertical={false} stroke="var(--line)" />
            <XAxis {...x} hide />
            <YAxis
              width={LEFT}
              reversed
              domain={[0, model.rejectedTop]}
              ticks={[0, model.rejectedTop]}
              interval={0}
              axisLine={false}
              tickLine={false}
              tickMargin={4}
              tick={AXIS_TEXT}
              tickFormatter={(value: number) => (value === 0 ? "0 %" : String(value))}
            />
            <Bar dataKey="rejected" fill="var(--bad-solid)" isAnimationActive={false} />
          </ComposedChart>
        </ResponsiveContainer>
      </div>
    </ChartFrame>
  );
}

/** A round time under the axis; the end of the axis, which is now, stands out. recharts hands in the place. */
function RoundTime({
  model,
  last,
  x,
  y,
  payload,
}: {
  model: ThroughputModel;
  last: string | null;
  x?: number | string;
  y?: number | string;
  payload?: { value: number };
}) {
  const isLast = payload?.value === model.toMs;
  return (
    <text
      x={x}
      y={Number(y) + 8}
      textAnchor={isLast ? "end" : "middle"}
      {...AXIS_TEXT}
      {...(isLast ? { fill: "var(--ink)", fontWeight: 500 } : {})}
    >
      {isLast ? last : model.ticks.find((tick) => tick.ms === payload?.value)?.label}
    </text>
  );
}

/** What a bucket holds, under the pointer. recharts hands in which one. */
function BucketTip({
  model,
  timeZone,
  active,
  label,
}: {
  model: ThroughputModel;
  timeZone: string;
  active?: boolean;
  label?: string | number;
}) {
  const point = model.points.find((candidate) => candidate.ms === Number(label));
  if (active !== true || !point) return null;
  return (
    <ChartTip
      title={formatMoment(point.ms, timeZone)}
      lines={
        point.rate === null
          ? ["no run at work"]
          : [
              `${formatShort(point.rate)} rows/s`,
              `${formatPercent((point.rejected ?? 0) / 100)} rejected`,
            ]
      }
    />
  );
}

/** The figures above the chart: rows a second now, and the share rejected when it is out of the usual. */
export function ThroughputFigures({ model }: { model: ThroughputModel }) {
  if (model.latest === null) return null;
  const { rate, rejected } = model.latest;
  const loud = rejected > Math.max(0.5, model.usualRejected * 3);
  return (
    <p className="flex flex-wrap items-baseline gap-x-4 px-4">
      <span>
        <span className="type-figure">{formatShort(rate)}</span>{" "}
        <span className="text-ink-3">rows/s now</span>
      </span>
      <span>
        <span className={loud ? "type-figure text-bad" : "type-figure"}>
          {formatPercent(rejected / 100)}
        </span>{" "}
        <span className="text-ink-3">
          rejected{loud ? `, usual ${formatPercent(model.usualRejected / 100)}` : ""}
        </span>
      </span>
    </p>
  );
}

function formatAxis(value: number): string {
  if (value < 1000) return String(value);
  const [size, sign] = value >= 1e6 ? [1e6, "M"] : [1e3, "k"];
  return `${Number((value / size).toFixed(1))} ${sign}`;
}
