import "server-only";
import {
  entityHistoryContract,
  entitySearchContract,
  lineageContract,
  rawRecordContract,
} from "@/lib/contracts/entities";
import { readEntityHistory } from "@/server/analytics/entity-history";
import { parseEntityKey } from "@/server/analytics/entity-key";
import { searchEntities } from "@/server/analytics/entity-search";
import { readLineage } from "@/server/analytics/lineage";
import { readRawRecord } from "@/server/analytics/raw-record";
import { openCanonicalStore } from "@/server/canonical/open-store";
import { tenantOperation } from "../operation";
import { tableOf } from "./table-of";

export const searchEntitiesOperation = tenantOperation({
  permission: "entity:read",
  input: entitySearchContract.input,
  perform: ({ scope, signal }, { table, query, after, limit }) =>
    searchEntities(scope, tableOf(table), { query, after, limit }, undefined, signal),
});

export const readEntityHistoryOperation = tenantOperation({
  permission: "entity:read",
  input: entityHistoryContract.input,
  perform: ({ scope, signal }, { table, key }) =>
    readEntityHistory(scope, tableOf(table), parseEntityKey(key), undefined, signal),
});

export const readLineageOperation = tenantOperation({
  permission: "entity:read",
  input: lineageContract.input,
  perform: ({ scope }, { table, runId, objectKey }) =>
    readLineage(scope, { tableName: tableOf(table).name, runId, objectKey }),
});

export const readRawRecordOperation = tenantOperation({
  permission: "entity:read",
  input: rawRecordContract.input,
  perform: ({ scope, db }, { table, objectKey, row }) =>
    readRawRecord(scope, tableOf(table), { objectKey, row }, db, openCanonicalStore()),
});
