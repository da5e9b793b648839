import { createSerializer, parseAsBoolean, parseAsInteger, parseAsString } from "nuqs/server";

/** What a record's page keeps in its address: the two versions compared, the field in question, whether equal fields show. */
export const recordParams = {
  a: parseAsInteger,
  b: parseAsInteger,
  field: parseAsString,
  all: parseAsBoolean.withDefault(false),
};

/** The record page's address with its state. */
export const recordHref = createSerializer(recordParams);
