"use client";

import { type ReactNode, useId } from "react";
import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceArea,
  ReferenceDot,
  ReferenceLine,
  ResponsiveContainer,
  XAxis,
  YAxis,
} from "recharts";
import { ChartFrame } from "@/components/charts/chart-frame";
import { AXIS_TEXT, HatchPattern, patternId } from "@/components/charts/chart-parts";
import type { AgeModel } from "@/components/charts/prepare-age";
import { formatAge } from "@/lib/time";

/** The age of a table as a saw-tooth against its target. What is beyond the target is hatched; a breach that lasts is drawn in red to its end. */
export function AgeChart({
  model,
  table,
  link,
  note,
  height = 176,
}: {
  model: AgeModel;
  /** The table's name. */
  table: string;
  link?: ReactNode | undefined;
  /** Said beside a breach that lasts: `held since 00:43`. */
  note?: string | undefined;
  height?: number;
}) {
  const id = useId();
  const breachFill = patternId(id, "breach");
  const nothingFill = patternId(id, "nothing");
  const open = model.breaches.find((breach) => breach.open);
  const top = model.ageTicks.at(-1) ?? 1;
  // A label in the middle of the axis's very end would be cut.
  const lastMs = model.toMs - (model.toMs - model.fromMs) * 0.03;
  const ticks = model.ticks.filter((tick) => tick.ms <= lastMs);
  // The target's own figure stands on the axis, so a round tick close to it gives way.
  const ageTicks = model.ageTicks.filter(
    (tick) => tick === 0 || Math.abs(tick - model.targetSeconds) > top * 0.07,
  );
  return (
    <ChartFrame
      name={`Age of ${table}`}
      sentence={
        <>
          {model.sentence} {link}
        </>
      }
      twin={{
        columns: [
          { key: "label", label: "published" },
          { key: "before", label: "age before", align: "right" },
          { key: "after", label: "age after", align: "right" },
        ],
        rows: model.rows,
      }}
    >
      <div role="img" aria-label={`Age of ${table} over time. ${model.sentence}`}>
        <ResponsiveContainer width="100%" height={height} initialDimension={{ width: 720, height }}>
          <ComposedChart
            data={[...model.points]}
            margin={{ top: 14, right: 8, bottom: 0, left: 0 }}
            accessibilityLayer={false}
          >
            <defs>
              <HatchPattern id={breachFill} color="var(--bad-solid)" />
              <HatchPattern id={nothingFill} color="var(--line-2)" />
            </defs>
            <CartesianGrid vertical={false} stroke="var(--line)" />
            <XAxis
              dataKey="ms"
              type="number"
              scale="linear"
              domain={[model.fromMs, model.toMs]}
              allowDataOverflow
              ticks={ticks.map((tick) => tick.ms)}
              interval={0}
              height={18}
              tickSize={3}
              tickMargin={3}
              axisLine={{ stroke: "var(--edge)" }}
              tickLine={{ stroke: "var(--edge)" }}
              tick={AXIS_TEXT}
              tickFormatter={(value: number) =>
                ticks.find((tick) => tick.ms === value)?.label ?? ""
              }
            />
            <YAxis
              width={34}
              domain={[0, top]}
              ticks={ageTicks.filter((tick) => tick > 0)}
              interval={0}
              axisLine={false}
              tickLine={false}
              tickSize={0}
              tickMargin={6}
              tick={AXIS_TEXT}
              tickFormatter={(value: number) => axisAge(value)}
            />
            {model.loadedFromMs !== null && (
              <ReferenceArea
                x1={model.fromMs}
                x2={model.loadedFromMs}
                fill={`url(#${nothingFill})`}
                fillOpacity={1}
                {...((model.loadedFromMs - model.fromMs) / (model.toMs - model.fromMs) < 0.2
                  ? {}
                  : {
                      label: {
                        value: "nothing loaded before",
                        position: "insideTop",
                        ...AXIS_TEXT,
                      },
                    })}
              />
            )}
            <Area
              dataKey="over"
              type="linear"
              stroke="none"
              fill={`url(#${breachFill})`}
              fillOpacity={1}
              isAnimationActive={false}
              connectNulls={false}
              dot={false}
              activeDot={false}
            />
            <ReferenceLine
              y={model.targetSeconds}
              stroke="var(--ink)"
              strokeDasharray="4 3"
              label={{
                value: axisAge(model.targetSeconds),
                position: "left",
                ...AXIS_TEXT,
                fill: "var(--ink)",
                fontWeight: 500,
              }}
            />
            <Line
              dataKey="age"
              type="linear"
              stroke="var(--ink-2)"
              strokeWidth={1}
              dot={false}
              activeDot={false}
              isAnimationActive={false}
              connectNulls={false}
            />
            <Line
              dataKey="live"
              type="linear"
              stroke="var(--bad-solid)"
              strokeWidth={1.5}
              dot={false}
              activeDot={false}
              isAnimationActive={false}
              connectNulls={false}
            />
            {open && model.nowSeconds !== null && (
              <ReferenceDot
                x={model.toMs}
                y={model.nowSeconds}
                r={2.5}
                fill="var(--bad-solid)"
                stroke="none"
                ifOverflow="visible"
                label={{
                  value:
                    note === undefined
                      ? formatAge(model.nowSeconds)
                      : `${note}, ${formatAge(model.nowSeconds)}`,
                  position: "left",
                  fontSize: 12,
                  fontWeight: 600,
                  fill: "var(--bad)",
                  dy: -6,
                }}
              />
            )}
          </ComposedChart>
        </ResponsiveContainer>
      </div>
    </ChartFrame>
  );
}

function axisAge(seconds: number): string {
  if (seconds < 3600) return `${Math.round(seconds / 60)} m`;
  if (seconds < 86_400) return `${Number((seconds / 3600).toFixed(1))} h`;
  return `${Number((seconds / 86_400).toFixed(1))} d`;
}
