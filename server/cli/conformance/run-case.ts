import { entityOf } from "@/lib/catalog";
import { executeRun } from "@/server/runs/execute-run";
import type { RunContext } from "@/server/runs/run-context";
import type { RunMode } from "@/server/runs/run-store";
import { startRun } from "@/server/runs/start-run";
import { exportHistory } from "@/server/scd2/export-history";
import { registerTenant } from "@/server/tenants/register-tenant";

import { caseDiff } from "./case-diff";
import { type CaseObject, caseDeliveries, caseObjects } from "./case-objects";
import type { ConformanceCase } from "./conformance-case";

/** One way of delivering a case. All must give the same history. */
export type Variant =
  | { readonly kind: "listed" }
  | { readonly kind: "order"; readonly order: readonly number[] }
  | { readonly kind: "twice" }
  | { readonly kind: "bulk" };

/** Puts an object into the store that a context reads. */
export type Land = (key: string, body: string) => Promise<void>;

/**
 * Runs a case through the real engine: its objects land in the store, real runs take them in, the history is
 * exported and compared.
 *
 * @param land must land objects in the context's store
 * @param name names the case's tenants; unlike any used before, letters, digits and hyphens
 * @returns one line for each difference; none when the history is right
 */
export async function runCase(
  context: RunContext,
  land: Land,
  testCase: ConformanceCase,
  variant: Variant,
  name: string,
): Promise<string[]> {
  const entity = entityOf(testCase.table, context.entities);
  if (entity === undefined)
    return [`the case is about the table ${testCase.table}, which nobody knows`];
  const tenants = new Map(
    testCase.batches.map((batch) => [batch.tenant_id, `${name}-${batch.tenant_id}`]),
  );
  const options = { tenantId: (tenant: string): string => tenants.get(tenant) ?? tenant };
  for (const tenantId of tenants.values()) {
    await registerTenant(context.db, { tenantId, createdBy: "conformance" });
  }

  const load = async (objects: readonly CaseObject[], mode: RunMode): Promise<string[]> => {
    for (const { key, body } of objects) await land(key, body);
    const problems: string[] = [];
    for (const tenantId of new Set(objects.map((object) => object.tenantId))) {
      const { runId } = await startRun(context.db, {
        tenantId,
        mode,
        tables: [testCase.table],
        trigger: "cli",
        requestedBy: "conformance",
      });
      const end = await executeRun(context, runId);
      if (!("status" in end) || end.status !== "succeeded") {
        problems.push(`run ${runId} of ${tenantId} ended ${JSON.stringify(end)}`);
      }
    }
    return problems;
  };

  const problems: string[] = [];
  if (variant.kind === "bulk") {
    problems.push(...(await load(caseObjects(testCase, options), "bulk")));
  } else {
    const order = variant.kind === "order" ? variant.order : undefined;
    const deliveries = caseDeliveries(testCase, options, order);
    for (const delivery of deliveries) problems.push(...(await load(delivery, "incremental")));
    if (variant.kind === "twice") {
      for (const delivery of deliveries) {
        problems.push(...(await load(delivery.map(underAnotherKey), "incremental")));
      }
    }
  }

  const histories = new Map<string, Record<string, unknown>[]>();
  for (const [caseTenant, tenantId] of tenants) {
    histories.set(caseTenant, await readRows(await exportHistory(context.db, tenantId, entity)));
  }
  return [...problems, ...caseDiff(testCase, entity.idColumn, histories)];
}

/** The same object again: behind the first among those of its stamp, and before an extract of that stamp as before. */
function underAnotherKey(object: CaseObject): CaseObject {
  return { ...object, key: object.key.replace(/\/(changes|later|part)-(?=[^/]*$)/, "/$1-again-") };
}

async function readRows(stream: AsyncIterable<Buffer>): Promise<Record<string, unknown>[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
