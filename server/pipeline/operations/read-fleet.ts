import "server-only";
import { fleetContract } from "@/lib/contracts/fleet";
import { navContract } from "@/lib/contracts/nav";
import { tenantsContract } from "@/lib/contracts/tenants";
import { throughputContract } from "@/lib/contracts/throughput";
import { readFleet, readTenants } from "@/server/analytics/fleet";
import { readNav } from "@/server/analytics/nav";
import { readThroughput } from "@/server/analytics/throughput";
import { fleetOperation } from "../operation";

export const readFleetOperation = fleetOperation({
  permission: "fleet:read",
  input: fleetContract.input,
  perform: ({ signal }, input) => readFleet(input, undefined, signal),
});

export const readThroughputOperation = fleetOperation({
  permission: "fleet:read",
  input: throughputContract.input,
  perform: (_, { window }) => readThroughput(window),
});

export const readTenantsOperation = fleetOperation({
  permission: "tenant:read",
  input: tenantsContract.input,
  perform: ({ signal }, input) => readTenants(input, undefined, signal),
});

export const readNavOperation = fleetOperation({
  permission: "fleet:read",
  input: navContract.input,
  perform: () => readNav(),
});
