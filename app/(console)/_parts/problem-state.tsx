import { ButtonLink } from "@/components/ui/button";
import { ErrorState } from "@/components/ui/error-state";
import type { Problem } from "@/lib/contracts/problem";

/**
 * What stands where the server could not read something while it made the page.
 * @param cannot what cannot be read: `the audit`
 * @param retryHref the same page
 */
export function ProblemState({
  problem,
  cannot,
  retryHref,
}: {
  problem: Problem;
  cannot: string;
  retryHref: string;
}) {
  return (
    <ErrorState
      code={problem.code.replaceAll("-", "_").toUpperCase()}
      icon={problem.status === 503 ? "server-off" : "circle-x"}
      title={problem.title}
      sentence={problem.detail}
      cannot={cannot}
      works="the other pages, the command line; runs go on by themselves"
      reference={problem.referenceId}
      actions={
        <ButtonLink kind="main" icon="rotate-cw" href={retryHref} prefetch={false}>
          Try again
        </ButtonLink>
      }
    />
  );
}
