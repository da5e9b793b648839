import { runPlanContract } from "@/lib/contracts/plans";
import { readRunPlanOperation } from "@/server/pipeline/operations/read-runs";
import { serve } from "@/server/pipeline/serve";

export const dynamic = "force-dynamic";
export const GET = serve(runPlanContract, readRunPlanOperation);
