import { companies } from "./companies";
import { contacts } from "./contacts";
import type { Entity } from "./entity";
import { tickets } from "./tickets";
import { timeEntries } from "./time-entries";

export type { Column, ColumnType, Entity, Rule } from "./entity";
export { RULES, rulesOf } from "./entity";

/** Entities by table name. The engine works on whatever catalogue it is handed. */
export type Catalog = Readonly<Record<string, Entity>>;

/** The tables this product moves, in the order they are shown and loaded. */
export const catalog: Catalog = Object.fromEntries(
  [companies, contacts, tickets, timeEntries].map((entity) => [entity.name, entity]),
);

export const tableNames: readonly string[] = Object.keys(catalog);

/** The entity of a table name, or undefined: names from outside are looked up here, never spliced. */
export function entityOf(tableName: string, entities: Catalog = catalog): Entity | undefined {
  return Object.hasOwn(entities, tableName) ? entities[tableName] : undefined;
}
