"use client";

import { PageFailure } from "./_parts/page-failure";

export default function FleetError(props: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return <PageFailure what="This page" {...props} />;
}
