import { pauseTenantContract } from "@/lib/contracts/tenant-settings";
import { pauseTenantOperation } from "@/server/pipeline/operations/tenant-settings";
import { serve } from "@/server/pipeline/serve";

/** Lets nothing of the tenant start by itself. */
export const POST = serve(pauseTenantContract, pauseTenantOperation);
