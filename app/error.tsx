"use client";

import { Button, ButtonLink } from "@/components/ui/button";
import { ErrorState } from "@/components/ui/error-state";

/** The last resort of a page. The digest is the reference under which the server kept what happened; its words stay there. */
export default function PageError({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return (
    <ErrorState
      level={1}
      code="PAGE_FAILED"
      icon="circle-x"
      title="This page cannot be shown right now"
      sentence="Something failed while it was made. Nothing was changed, and runs go on by themselves."
      cannot="this page"
      works="the other pages, the command line"
      reference={error.digest}
      actions={
        <>
          <Button kind="main" icon="rotate-cw" onClick={reset}>
            Try again
          </Button>
          <ButtonLink href="/">Go to the fleet</ButtonLink>
        </>
      }
    />
  );
}
