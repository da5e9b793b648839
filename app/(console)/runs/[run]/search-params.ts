import { createSerializer, parseAsString, parseAsStringLiteral } from "nuqs/server";
import { EVENT_LEVELS } from "@/lib/contracts/runs";

/** What a run's page keeps in its address: how its log is filtered and paged. */
export const runParams = {
  level: parseAsStringLiteral(EVENT_LEVELS).withDefault("info"),
  log: parseAsString.withDefault(""),
  table: parseAsString.withDefault(""),
  before: parseAsString,
};

/** The run page's address with its state. */
export const runHref = createSerializer(runParams);
