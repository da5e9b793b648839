import { cancelRunContract } from "@/lib/contracts/run-commands";
import { cancelRunOperation } from "@/server/pipeline/operations/cancel-run";
import { serve } from "@/server/pipeline/serve";

/** Asks a run to stop. */
export const POST = serve(cancelRunContract, cancelRunOperation, 202);
