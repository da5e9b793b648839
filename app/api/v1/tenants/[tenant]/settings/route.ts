import { setTenantContract, tenantSettingsContract } from "@/lib/contracts/tenant-settings";
import {
  readTenantSettingsOperation,
  setTenantOperation,
} from "@/server/pipeline/operations/tenant-settings";
import { serve } from "@/server/pipeline/serve";

export const dynamic = "force-dynamic";
export const GET = serve(tenantSettingsContract, readTenantSettingsOperation);

/** Changes what is named and leaves the rest. */
export const POST = serve(setTenantContract, setTenantOperation);
