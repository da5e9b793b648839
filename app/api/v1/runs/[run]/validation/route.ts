import { runValidationContract } from "@/lib/contracts/runs";
import { readRunValidationOperation } from "@/server/pipeline/operations/read-runs";
import { serve } from "@/server/pipeline/serve";

export const dynamic = "force-dynamic";
export const GET = serve(runValidationContract, readRunValidationOperation);
