import { startRunContract } from "@/lib/contracts/run-commands";
import { startRunOperation } from "@/server/pipeline/operations/start-run";
import { serve } from "@/server/pipeline/serve";

/** Queues a run; a repeat with the same Idempotency-Key gets the first one's reply. */
export const POST = serve(startRunContract, startRunOperation("api"), 202);
