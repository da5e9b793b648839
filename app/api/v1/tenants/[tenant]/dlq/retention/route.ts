import { retentionContract } from "@/lib/contracts/dlq-commands";
import { retentionOperation } from "@/server/pipeline/operations/dead-letters";
import { serve } from "@/server/pipeline/serve";

export const POST = serve(retentionContract, retentionOperation);
