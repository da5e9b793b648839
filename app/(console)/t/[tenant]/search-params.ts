import { parseAsString, parseAsStringLiteral } from "nuqs/server";
import { AGE_WINDOWS } from "@/lib/contracts/tenants";

/** What a tenant's page keeps in its address: the table whose age is drawn (the worst one without it) and over how long. */
export const tenantParams = {
  table: parseAsString,
  window: parseAsStringLiteral(AGE_WINDOWS).withDefault("12h"),
};
