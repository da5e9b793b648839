import { tenantsContract } from "@/lib/contracts/tenants";
import { readTenantsOperation } from "@/server/pipeline/operations/read-fleet";
import { serve } from "@/server/pipeline/serve";

export const dynamic = "force-dynamic";
export const GET = serve(tenantsContract, readTenantsOperation);
