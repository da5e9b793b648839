import { runsContract } from "@/lib/contracts/runs";
import { readRunsOperation } from "@/server/pipeline/operations/read-runs";
import { serve } from "@/server/pipeline/serve";

export const dynamic = "force-dynamic";
export const GET = serve(runsContract, readRunsOperation);
