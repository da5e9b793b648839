import { throughputContract } from "@/lib/contracts/throughput";
import { readThroughputOperation } from "@/server/pipeline/operations/read-fleet";
import { serve } from "@/server/pipeline/serve";

export const dynamic = "force-dynamic";
export const GET = serve(throughputContract, readThroughputOperation);
