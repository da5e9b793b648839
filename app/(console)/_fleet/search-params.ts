import { createSerializer, parseAsArrayOf, parseAsString, parseAsStringLiteral } from "nuqs/server";
import { THROUGHPUT_WINDOWS } from "@/lib/contracts/throughput";
import { HEALTHS } from "@/lib/status";

/** What the fleet page keeps in its address. */
export const fleetParams = {
  health: parseAsArrayOf(parseAsStringLiteral(HEALTHS)).withDefault([]),
  after: parseAsString,
  window: parseAsStringLiteral(THROUGHPUT_WINDOWS).withDefault("6h"),
};

/** The fleet page's address with its state. */
export const fleetHref = createSerializer(fleetParams);
