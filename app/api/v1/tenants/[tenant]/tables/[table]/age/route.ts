import { tableAgeContract } from "@/lib/contracts/tenants";
import { readTableAgeOperation } from "@/server/pipeline/operations/read-tenant";
import { serve } from "@/server/pipeline/serve";

export const dynamic = "force-dynamic";
export const GET = serve(tableAgeContract, readTableAgeOperation);
