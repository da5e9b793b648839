import type { Role } from "@/lib/permissions";

/** What each role is called, and what it may do, in few words. */
export const ROLE_WORDS: Readonly<Record<Role, { word: string; may: string }>> = {
  viewer: { word: "Viewer", may: "sees everything but the audit" },
  operator: { word: "Operator", may: "sees everything, starts and cancels runs" },
  admin: { word: "Admin", may: "sees everything, runs everything, manages tenants and users" },
};
