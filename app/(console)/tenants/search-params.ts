import { createSerializer, parseAsArrayOf, parseAsString, parseAsStringLiteral } from "nuqs/server";
import { HEALTHS } from "@/lib/status";

/** What the list of tenants keeps in its address. */
export const tenantsParams = {
  search: parseAsString.withDefault(""),
  health: parseAsArrayOf(parseAsStringLiteral(HEALTHS)).withDefault([]),
  after: parseAsString,
};

/** The list's address with its state. */
export const tenantsHref = createSerializer(tenantsParams);
