import { runEventsContract } from "@/lib/contracts/runs";
import { readRunEventsOperation } from "@/server/pipeline/operations/read-runs";
import { serve } from "@/server/pipeline/serve";

export const dynamic = "force-dynamic";
export const GET = serve(runEventsContract, readRunEventsOperation);
