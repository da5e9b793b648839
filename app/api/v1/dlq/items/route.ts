import { deadLettersContract } from "@/lib/contracts/dlq";
import { readDeadLettersOperation } from "@/server/pipeline/operations/read-dead-letters";
import { serve } from "@/server/pipeline/serve";

export const dynamic = "force-dynamic";
export const GET = serve(deadLettersContract, readDeadLettersOperation);
