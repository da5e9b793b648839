import { runContract } from "@/lib/contracts/runs";
import { readRunOperation } from "@/server/pipeline/operations/read-runs";
import { serve } from "@/server/pipeline/serve";

export const dynamic = "force-dynamic";
export const GET = serve(runContract, readRunOperation);
