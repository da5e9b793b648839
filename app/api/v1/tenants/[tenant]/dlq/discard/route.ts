import { discardContract } from "@/lib/contracts/dlq-commands";
import { discardOperation } from "@/server/pipeline/operations/dead-letters";
import { serve } from "@/server/pipeline/serve";

export const POST = serve(discardContract, discardOperation);
