import { applyRunContract } from "@/lib/contracts/plans";
import { applyRunOperation } from "@/server/pipeline/operations/decide-run";
import { serve } from "@/server/pipeline/serve";

/** Publishes what a run has planned. */
export const POST = serve(applyRunContract, applyRunOperation, 202);
