import { hostname } from "node:os";

import { ulid } from "ulid";

import { isLambda } from "@/server/env";

/** This process, unlike any other, also after its pid is used again: host:pid:ULID. */
export const workerId = isLambda()
  ? // Lambdas have hosts and pids in common; each counts as a host of its own, known by its heartbeat alone.
    `lambda-${ulid()}:${process.pid}:${ulid()}`
  : `${hostname()}:${process.pid}:${ulid()}`;

/** Whether a worker of this host is surely gone. Unknown (another host) is false. */
export function isGone(worker: string): boolean {
  const [host, pid] = worker.split(":");
  if (host !== hostname() || pid === undefined) return false;
  if (worker === workerId) return false;
  try {
    process.kill(Number(pid), 0);
    return Number(pid) === process.pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
