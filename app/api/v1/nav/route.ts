import { navContract } from "@/lib/contracts/nav";
import { readNavOperation } from "@/server/pipeline/operations/read-fleet";
import { serve } from "@/server/pipeline/serve";

export const dynamic = "force-dynamic";
export const GET = serve(navContract, readNavOperation);
