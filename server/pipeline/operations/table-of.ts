import { type Entity, entityOf } from "@/lib/catalog";
import { AppError } from "@/server/errors";

/** The entity of a table that somebody named. @throws AppError `not-found` */
export function tableOf(name: string): Entity {
  const entity = entityOf(name);
  if (entity === undefined) throw new AppError("not-found", "There is no such table.");
  return entity;
}
