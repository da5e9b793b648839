import { z } from "zod";
import { tableNames } from "@/lib/catalog";
import { contract } from "./contract";
import { LoadMode, RunId, TenantId } from "./values";

const TableName = z.string().refine((name) => tableNames.includes(name), {
  error: `Expected one of ${tableNames.join(", ")}.`,
});

/** Asks for a run; it is queued and the reply does not wait for it. No `tables` means all of them. */
export const startRunContract = contract({
  method: "POST",
  path: "/api/v1/tenants/[tenant]/runs",
  summary: "Start a bulk load or an increment of a tenant",
  params: { tenant: "tenantId" },
  input: z.strictObject({
    tenantId: TenantId,
    mode: LoadMode,
    tables: z
      .array(TableName)
      .min(1, "Name at least one table, or leave the list out.")
      .refine((names) => new Set(names).size === names.length, { error: "A table is named twice." })
      .optional(),
    /** True: it stops before it publishes and shows what it would do. */
    plan: z.boolean().optional(),
  }),
  reply: z.object({ runId: RunId }),
});

/** Asks for a run to stop. The tables stay as they were before it, or as its last publish left them. */
export const cancelRunContract = contract({
  method: "POST",
  path: "/api/v1/runs/[run]/cancel",
  summary: "Cancel a run",
  params: { run: "runId" },
  input: z.strictObject({ runId: RunId }),
  reply: z.object({ runId: RunId }),
});
