"use client";

import { signOut } from "next-auth/react";
import { Shell, type ShellProps } from "@/components/shell/shell";

/** The shell with its one door to next-auth: signing out. */
export function ConsoleShell(props: Omit<ShellProps, "onSignOut">) {
  return <Shell {...props} onSignOut={() => void signOut({ callbackUrl: "/login" })} />;
}
