import { redriveRunContract } from "@/lib/contracts/run-execution";
import { redriveRunOperation } from "@/server/pipeline/operations/run-execution";
import { serve } from "@/server/pipeline/serve";

/** Lets the dead execution of a run go on from the state that failed. */
export const POST = serve(redriveRunContract, redriveRunOperation, 202);
