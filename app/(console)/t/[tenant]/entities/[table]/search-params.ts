import { createSerializer, parseAsString } from "nuqs/server";

/** What the search for records keeps in its address: the beginning of an id, and the place in the list. */
export const recordsParams = {
  id: parseAsString.withDefault(""),
  after: parseAsString,
};

/** The search's address with its state. */
export const recordsHref = createSerializer(recordsParams);
