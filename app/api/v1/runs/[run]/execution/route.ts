import { runExecutionContract } from "@/lib/contracts/run-execution";
import { readExecutionOperation } from "@/server/pipeline/operations/run-execution";
import { serve } from "@/server/pipeline/serve";

export const dynamic = "force-dynamic";
export const GET = serve(runExecutionContract, readExecutionOperation);
