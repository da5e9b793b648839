/** The design document's figures, with their CloudWatch units; freshness is in minutes, for which there is none. */
const UNITS = {
  RecordsProcessed: "Count",
  ProcessingDuration: "Seconds",
  ProcessingErrors: "Count",
  DataFreshness: "Count",
} as const;
export type MetricName = keyof typeof UNITS;

export interface Measurement {
  readonly tenantId?: string | undefined;
  readonly tableName?: string | undefined;
  readonly figures: Readonly<Partial<Record<MetricName, number>>>;
}

export interface MetricOptions {
  readonly namespace: string;
  /** The finest figures that are kept apart; each costs. The fleet's are always there: alarms watch those. */
  readonly detail: "fleet" | "tenant" | "table";
  /** ms UTC. */
  readonly at: number;
}

/**
 * Measurements as lines of CloudWatch's embedded metric format: written to a function's log they become metrics, with no call
 * to make, no permission to give and nothing to wait for. Tenant and table stand in the line whether or not they are
 * dimensions, so that the log can be asked for them.
 *
 * @returns one JSON object a line, without line ends
 */
export function metricLines(
  measurements: readonly Measurement[],
  { namespace, detail, at }: MetricOptions,
): string[] {
  return measurements.map(({ tenantId, tableName, figures }) => {
    const names = Object.keys(figures) as MetricName[];
    const finest =
      tenantId === undefined || detail === "fleet"
        ? []
        : tableName === undefined || detail === "tenant"
          ? ["TenantId"]
          : ["TenantId", "TableName"];
    return JSON.stringify({
      _aws: {
        Timestamp: at,
        CloudWatchMetrics: [
          {
            Namespace: namespace,
            Dimensions: finest.length === 0 ? [[]] : [[], finest],
            Metrics: names.map((Name) => ({ Name, Unit: UNITS[Name] })),
          },
        ],
      },
      ...(tenantId === undefined ? {} : { TenantId: tenantId }),
      ...(tableName === undefined ? {} : { TableName: tableName }),
      ...figures,
    });
  });
}
