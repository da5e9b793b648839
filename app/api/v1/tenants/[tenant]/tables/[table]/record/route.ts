import { rawRecordContract } from "@/lib/contracts/entities";
import { readRawRecordOperation } from "@/server/pipeline/operations/read-entities";
import { serve } from "@/server/pipeline/serve";

export const dynamic = "force-dynamic";
export const GET = serve(rawRecordContract, readRawRecordOperation);
