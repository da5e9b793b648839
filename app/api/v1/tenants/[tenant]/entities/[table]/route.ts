import { entitySearchContract } from "@/lib/contracts/entities";
import { searchEntitiesOperation } from "@/server/pipeline/operations/read-entities";
import { serve } from "@/server/pipeline/serve";

export const dynamic = "force-dynamic";
export const GET = serve(entitySearchContract, searchEntitiesOperation);
