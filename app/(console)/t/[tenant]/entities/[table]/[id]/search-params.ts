import {
  createSerializer,
  parseAsArrayOf,
  parseAsBoolean,
  parseAsInteger,
  parseAsIsoDateTime,
  parseAsString,
} from "nuqs/server";

/**
 * What a record's page keeps in its address: the two versions compared, the field in question, whether equal fields show, the
 * moment it is looked at, and the fields whose changes alone are folded away.
 */
export const recordParams = {
  a: parseAsInteger,
  b: parseAsInteger,
  field: parseAsString,
  all: parseAsBoolean.withDefault(false),
  /** UTC. */
  at: parseAsIsoDateTime,
  fold: parseAsArrayOf(parseAsString).withDefault([]),
};

/** The record page's address with its state. */
export const recordHref = createSerializer(recordParams);

/** A record page's state, its two versions settled. */
export interface RecordState {
  a: number;
  b: number;
  field: string | null;
  all: boolean;
  at: Date | null;
  fold: string[];
}
