import "server-only";
import { userInfo } from "node:os";
import type { Actor } from "@/server/auth/actor";
import type { Db } from "@/server/clickhouse/client";
import type { Caller } from "./carry-out";

/** The name of whoever runs this process, as the machine knows it. */
function machineUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a number that has no name.
    return String(process.getuid?.() ?? "unknown");
  }
}

/**
 * Who uses the command line: `cli:NAME`, with every permission, for who can read the data directory could do all of it by
 * hand. What they change is audited like everybody's.
 */
export function commandLineActor(): Actor {
  const name = machineUser();
  return { username: `cli:${name}`, displayName: name, role: "admin" };
}

/** The command line at the door of the pipeline. */
export function commandLineCaller(db: Db): Caller {
  return {
    actor: () => Promise.resolve(commandLineActor()),
    db: () => Promise.resolve(db),
    quiet: true,
  };
}
