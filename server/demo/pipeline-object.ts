import type { DemoProfile } from "./demo-tenants";
import { compactStamp } from "./land-object";
import type { DemoEvent, Row } from "./row";
import { dialects } from "./source-dialect";

/** An event as the pipeline writes it: the record with its metadata. `landedAt` is ms UTC. */
export function sourceRow(profile: DemoProfile, event: DemoEvent, landedAt: number): Row {
  const dialect = dialects[profile.source];
  return {
    ...event.row,
    source_system: profile.source,
    source_table: dialect.tables[event.table] ?? event.table,
    ingestion_timestamp: new Date(landedAt).toISOString(),
    last_updated: dialect.time(event.at),
  };
}

/** The key of an incremental object; `stamp` is ms UTC. */
export function incrementKey(
  profile: DemoProfile,
  table: string,
  stamp: number,
  number: number,
  extension: string,
): string {
  const name = (dialects[profile.source].tables[table] ?? table).replaceAll("/", "-");
  return `${profile.tenantId}/canonical/${table}/${name}-${compactStamp(stamp)}-${number}.${extension}`;
}
