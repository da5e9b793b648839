import { describe, expect, it } from "vitest";

import { metricLines } from "./metric-lines";

const options = { namespace: "AVESA/ClickHouse", detail: "table", at: 1_767_225_600_000 } as const;
const table = {
  tenantId: "acme",
  tableName: "tickets",
  figures: { RecordsProcessed: 5, ProcessingDuration: 1.5 },
};

function only(lines: string[]): Record<string, unknown> {
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain("\n");
  return JSON.parse(lines[0] ?? "") as Record<string, unknown>;
}

describe("metric lines", () => {
  it("declare each figure for the fleet and for its tenant's table", () => {
    expect(only(metricLines([table], options))).toEqual({
      _aws: {
        Timestamp: options.at,
        CloudWatchMetrics: [
          {
            Namespace: "AVESA/ClickHouse",
            Dimensions: [[], ["TenantId", "TableName"]],
            Metrics: [
              { Name: "RecordsProcessed", Unit: "Count" },
              { Name: "ProcessingDuration", Unit: "Seconds" },
            ],
          },
        ],
      },
      TenantId: "acme",
      TableName: "tickets",
      RecordsProcessed: 5,
      ProcessingDuration: 1.5,
    });
  });

  it.each([
    ["table", { figures: { DataFreshness: 0 } }, [[]]],
    ["table", { tenantId: "acme", figures: { DataFreshness: 3 } }, [[], ["TenantId"]]],
    ["tenant", table, [[], ["TenantId"]]],
    ["fleet", table, [[]]],
  ] as const)("keep apart what is asked for: %s of %j", (detail, measurement, dimensions) => {
    const line = only(metricLines([measurement], { ...options, detail }));
    expect(line).toHaveProperty("_aws.CloudWatchMetrics.0.Dimensions", dimensions);
    // Every figure and dimension that is declared has a value.
    expect(line).toMatchObject(measurement.figures);
    expect(line["TenantId"]).toBe("tenantId" in measurement ? "acme" : undefined);
  });
});
