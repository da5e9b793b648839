import { tenantValidationContract } from "@/lib/contracts/runs";
import { readTenantValidationOperation } from "@/server/pipeline/operations/read-tenant";
import { serve } from "@/server/pipeline/serve";

export const dynamic = "force-dynamic";
export const GET = serve(tenantValidationContract, readTenantValidationOperation);
