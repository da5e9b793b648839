import { freezeDeadLettersContract } from "@/lib/contracts/dlq-commands";
import { freezeDeadLettersOperation } from "@/server/pipeline/operations/dead-letters";
import { serve } from "@/server/pipeline/serve";

export const POST = serve(freezeDeadLettersContract, freezeDeadLettersOperation);
