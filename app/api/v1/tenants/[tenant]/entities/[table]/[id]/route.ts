import { entityHistoryContract } from "@/lib/contracts/entities";
import { readEntityHistoryOperation } from "@/server/pipeline/operations/read-entities";
import { serve } from "@/server/pipeline/serve";

export const dynamic = "force-dynamic";
export const GET = serve(entityHistoryContract, readEntityHistoryOperation);
