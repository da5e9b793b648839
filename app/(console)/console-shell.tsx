"use client";

import { signOut } from "next-auth/react";
import { useRead } from "@/app/(console)/_read/use-read";
import type { NavSign } from "@/components/shell/nav";
import { Shell, type ShellProps } from "@/components/shell/shell";
import { navContract, type NavReply } from "@/lib/contracts/nav";
import { formatDuration } from "@/lib/time";

/** The shell with what it reads, live as the pages are, and its one door to next-auth: signing out. */
export function ConsoleShell(
  props: Omit<ShellProps, "onSignOut" | "tenants" | "counts" | "signs">,
) {
  const { data, error } = useRead(navContract, {}, { topics: ["fleet", "dlq"] });
  return (
    <Shell
      {...props}
      tenants={data?.tenants ?? []}
      counts={
        data === undefined
          ? {}
          : { tenants: data.tenants.length, runs: data.runs, dlq: data.deadLetters }
      }
      signs={signsOf(data, error !== null)}
      onSignOut={() => void signOut({ callbackUrl: "/login" })}
    />
  );
}

function took(milliseconds: number): string {
  return milliseconds < 1_000 ? `${milliseconds} ms` : formatDuration(milliseconds / 1_000);
}

function signsOf(data: NavReply | undefined, failed: boolean): NavSign[] {
  if (failed)
    return [{ id: "clickhouse", icon: "server-off", text: "ClickHouse: no answer", bad: true }];
  if (data === undefined) return [];
  const version = data.clickHouse.version.split(".").slice(0, 2).join(".");
  return [
    {
      id: "clickhouse",
      icon: "database",
      text: `ClickHouse ${version}, ${took(data.clickHouse.milliseconds)}`,
    },
  ];
}
