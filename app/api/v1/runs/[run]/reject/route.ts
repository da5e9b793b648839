import { rejectRunContract } from "@/lib/contracts/plans";
import { rejectRunOperation } from "@/server/pipeline/operations/decide-run";
import { serve } from "@/server/pipeline/serve";

/** Drops what a run has planned. */
export const POST = serve(rejectRunContract, rejectRunOperation, 202);
