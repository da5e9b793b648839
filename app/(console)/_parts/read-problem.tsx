"use client";

import type { ReadError } from "@/app/(console)/_read/fetch-read";
import { Button } from "@/components/ui/button";
import { ErrorState } from "@/components/ui/error-state";

/**
 * What stands where a read failed: the code, what cannot be shown, why, and a way to try again.
 * @param what what cannot be read: `Runs`, `The fleet`
 */
export function ReadProblem({
  what,
  error,
  retry,
  busy,
  level = 2,
}: {
  what: string;
  error: ReadError;
  retry: () => void;
  busy: boolean;
  level?: 1 | 2;
}) {
  const problem = error.problem;
  const missing = problem?.code === "not-found";
  return (
    <ErrorState
      level={level}
      code={(problem?.code ?? "internal").replaceAll("-", "_").toUpperCase()}
      icon={missing ? "circle-question-mark" : problem?.status === 503 ? "server-off" : "circle-x"}
      title={missing ? "There is no such thing" : `${what} cannot be read right now`}
      sentence={
        problem?.detail ??
        "The answer could not be understood. Reload the page; it may be newer than this tab."
      }
      {...(missing
        ? {}
        : {
            works: "sign-in, the command line; runs go on by themselves",
            actions: (
              <Button kind="main" icon="rotate-cw" onClick={retry} busy={busy}>
                Try again
              </Button>
            ),
          })}
      reference={problem?.referenceId === "" ? undefined : problem?.referenceId}
    />
  );
}
