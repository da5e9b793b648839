import type { Role } from "@/lib/permissions";

/** An account as the list shows it. Times are ISO 8601 in UTC. */
export interface ShownUser {
  readonly username: string;
  readonly displayName: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly createdAt: string;
  readonly createdBy: string;
}
