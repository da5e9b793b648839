import "server-only";
import { tenantValidationContract } from "@/lib/contracts/runs";
import { tableAgeContract, tenantContract } from "@/lib/contracts/tenants";
import { readTableAge } from "@/server/analytics/table-age";
import { readTenant } from "@/server/analytics/tenant";
import { readNewestValidation } from "@/server/analytics/validation";
import { tenantOperation } from "../operation";
import { tableOf } from "./table-of";

export const readTenantOperation = tenantOperation({
  permission: "tenant:read",
  input: tenantContract.input,
  perform: ({ scope, signal }) => readTenant(scope, undefined, signal),
});

export const readTableAgeOperation = tenantOperation({
  permission: "tenant:read",
  input: tableAgeContract.input,
  perform: ({ scope }, { table, window }) => readTableAge(scope, tableOf(table).name, window),
});

export const readTenantValidationOperation = tenantOperation({
  permission: "tenant:read",
  input: tenantValidationContract.input,
  perform: ({ scope }) => readNewestValidation(scope),
});
