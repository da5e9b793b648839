"use client";

import { PageFailure } from "@/app/(console)/_parts/page-failure";

export default function SettingsError(props: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return <PageFailure what="This tenant’s settings" {...props} />;
}
