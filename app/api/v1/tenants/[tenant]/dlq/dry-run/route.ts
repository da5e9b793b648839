import { dryRunContract } from "@/lib/contracts/dlq-commands";
import { dryRunOperation } from "@/server/pipeline/operations/dead-letters";
import { serve } from "@/server/pipeline/serve";

export const POST = serve(dryRunContract, dryRunOperation);
