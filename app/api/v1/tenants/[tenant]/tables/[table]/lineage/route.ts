import { lineageContract } from "@/lib/contracts/entities";
import { readLineageOperation } from "@/server/pipeline/operations/read-entities";
import { serve } from "@/server/pipeline/serve";

export const dynamic = "force-dynamic";
export const GET = serve(lineageContract, readLineageOperation);
