import type { Role } from "@/lib/permissions";

/** Who asks: a person who is signed in, with the role the store gives them now. */
export interface Actor {
  readonly username: string;
  readonly displayName: string;
  readonly role: Role;
}
