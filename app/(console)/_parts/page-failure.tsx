"use client";

import { Page } from "@/components/shell/page";
import { Button } from "@/components/ui/button";
import { ErrorState } from "@/components/ui/error-state";

/** The error boundary's face of one page; the frame around it stands. */
export function PageFailure({
  what,
  error,
  reset,
}: {
  /** What cannot be shown: `The fleet`. */
  what: string;
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return (
    <Page>
      <ErrorState
        level={1}
        code="PAGE_FAILED"
        icon="circle-x"
        title={`${what} cannot be shown right now`}
        sentence="Something failed while the page was made. Nothing was changed, and runs go on by themselves."
        cannot="this page"
        works="the other pages, the command line"
        reference={error.digest}
        actions={
          <Button kind="main" icon="rotate-cw" onClick={reset}>
            Try again
          </Button>
        }
      />
    </Page>
  );
}
