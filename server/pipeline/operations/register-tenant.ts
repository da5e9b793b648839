import "server-only";
import { registerTenant, RegisterTenantInput } from "@/server/tenants/register-tenant";
import { fleetOperation } from "../operation";

/** Makes a tenant known. There is no scope yet: the tenant is what comes of it. */
export const registerTenantOperation = fleetOperation({
  action: "tenant:register",
  permission: "tenant:manage",
  input: RegisterTenantInput,
  target: (raw) => raw["tenantId"],
  perform: ({ db, actor }, input) => registerTenant(db, { ...input, createdBy: actor.username }),
  record: (_input, tenant) => ({
    target: tenant.tenantId,
    after: { name: tenant.name, sourceSystem: tenant.sourceSystem, timeZone: tenant.timeZone },
  }),
});
