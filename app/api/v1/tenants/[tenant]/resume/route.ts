import { resumeTenantContract } from "@/lib/contracts/tenant-settings";
import { resumeTenantOperation } from "@/server/pipeline/operations/tenant-settings";
import { serve } from "@/server/pipeline/serve";

/** Lets the tenant's increments start by themselves again. */
export const POST = serve(resumeTenantContract, resumeTenantOperation);
