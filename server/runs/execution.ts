import type { Journal } from "./journal";
import type { Lease } from "./lease";
import type { RecentTenant } from "./recent-tenant";
import type { RunContext } from "./run-context";
import { type Run, writeEvent } from "./run-store";

/** A run that is being carried out. */
export interface Execution {
  readonly context: RunContext;
  readonly journal: Journal;
  readonly run: Run;
  /** The right to carry the run out. */
  readonly lease: Lease;
  /**
   * The tables that were begun, where nobody has worked on the run before this execution: of the others there is nothing to
   * find. Absent where somebody may have.
   */
  readonly begun?: Set<string>;
  /** The run's tenant, as it was found last. */
  readonly tenants?: RecentTenant;
}

/** Says something of the run, or of one of its tables. */
export function tell(
  { journal, run }: Execution,
  level: "info" | "warn" | "error",
  event: string,
  message: string,
  tableName = "",
): void {
  writeEvent(journal, {
    run_id: run.run_id,
    tenant_id: run.tenant_id,
    table_name: tableName,
    level,
    event,
    message,
  });
}
