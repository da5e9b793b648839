import { tenantContract } from "@/lib/contracts/tenants";
import { readTenantOperation } from "@/server/pipeline/operations/read-tenant";
import { serve } from "@/server/pipeline/serve";

export const dynamic = "force-dynamic";
export const GET = serve(tenantContract, readTenantOperation);
