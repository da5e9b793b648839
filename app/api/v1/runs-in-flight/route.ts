import { runsInFlightContract } from "@/lib/contracts/runs";
import { readRunsInFlightOperation } from "@/server/pipeline/operations/read-runs";
import { serve } from "@/server/pipeline/serve";

export const dynamic = "force-dynamic";
export const GET = serve(runsInFlightContract, readRunsInFlightOperation);
