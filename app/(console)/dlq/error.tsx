"use client";

import { PageFailure } from "@/app/(console)/_parts/page-failure";

export default function PageError(props: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return <PageFailure what="The list of dead letters" {...props} />;
}
