import { fleetContract } from "@/lib/contracts/fleet";
import { readFleetOperation } from "@/server/pipeline/operations/read-fleet";
import { serve } from "@/server/pipeline/serve";

export const dynamic = "force-dynamic";
export const GET = serve(fleetContract, readFleetOperation);
