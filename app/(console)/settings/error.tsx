"use client";

import { PageFailure } from "@/app/(console)/_parts/page-failure";

export default function Failure(failure: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return <PageFailure what="The settings" {...failure} />;
}
