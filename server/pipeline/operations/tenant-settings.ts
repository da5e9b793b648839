import "server-only";
import {
  pauseTenantContract,
  resumeTenantContract,
  type SettingsChanged,
  setTenantContract,
  tenantSettingsContract,
} from "@/lib/contracts/tenant-settings";
import { readTenantSettings } from "@/server/analytics/tenant-settings";
import { changeSettings, setPaused } from "@/server/tenants/settings";
import { type AuditRecord, type Operation, tenantOperation } from "../operation";

/** Only what differs, before and after. */
function difference(tenantId: string, { before, after }: SettingsChanged): AuditRecord {
  const changed = (Object.keys(after) as (keyof typeof after)[]).filter(
    (name) => before[name] !== after[name],
  );
  const pick = (from: typeof after): object =>
    Object.fromEntries(changed.map((name) => [name, from[name]]));
  return { target: tenantId, before: pick(before), after: pick(after) };
}

export const readTenantSettingsOperation = tenantOperation({
  permission: "tenant:read",
  input: tenantSettingsContract.input,
  perform: ({ scope }) => readTenantSettings(scope),
});

/** Changes a tenant's schedule, priority and limits. */
export const setTenantOperation: Operation<typeof setTenantContract.input, SettingsChanged> =
  tenantOperation({
    action: "tenant:settings",
    permission: "tenant:manage",
    input: setTenantContract.input,
    target: (raw) => raw["tenantId"],
    perform: ({ db, scope }, { tenantId: _named, ...wanted }) =>
      changeSettings(db, scope.tenantId, wanted),
    record: ({ tenantId }, changed) => difference(tenantId, changed),
  });

/** Lets nothing of a tenant start by itself. */
export const pauseTenantOperation: Operation<typeof pauseTenantContract.input, SettingsChanged> =
  tenantOperation({
    action: "tenant:pause",
    permission: "tenant:pause",
    input: pauseTenantContract.input,
    target: (raw) => raw["tenantId"],
    perform: ({ db, scope, actor }, { reason }) =>
      setPaused(db, scope.tenantId, true, { actor: actor.username, reason }),
    record: ({ tenantId }, changed) => difference(tenantId, changed),
  });

/** Lets a tenant's increments start by themselves again. */
export const resumeTenantOperation: Operation<typeof resumeTenantContract.input, SettingsChanged> =
  tenantOperation({
    action: "tenant:resume",
    permission: "tenant:pause",
    input: resumeTenantContract.input,
    target: (raw) => raw["tenantId"],
    perform: ({ db, scope, actor }) =>
      setPaused(db, scope.tenantId, false, { actor: actor.username }),
    record: ({ tenantId }, changed) => difference(tenantId, changed),
  });
