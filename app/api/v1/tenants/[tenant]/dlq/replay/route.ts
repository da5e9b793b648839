import { replayContract } from "@/lib/contracts/dlq-commands";
import { replayOperation } from "@/server/pipeline/operations/dead-letters";
import { serve } from "@/server/pipeline/serve";

export const POST = serve(replayContract, replayOperation("api"), 202);
