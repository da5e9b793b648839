"use client";

import { useEffect } from "react";
import { updatePageState } from "@/components/shell/page-state";

/**
 * Put on a page whose address does not say it: whose tenant the page speaks of (a run, a dead letter), and what the last crumb should read.
 * Forgotten when the page is left.
 */
export function PageContext({ tenantId, crumb }: { tenantId?: string; crumb?: string }) {
  // The frame's store is the external system: the page must take back what it said.
  useEffect(() => {
    updatePageState({ tenantId: tenantId ?? null, crumb: crumb ?? null });
    return () => updatePageState({ tenantId: null, crumb: null });
  }, [tenantId, crumb]);
  return null;
}
