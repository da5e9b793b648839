"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState, useTransition } from "react";
import { showToast } from "@/components/ui/toast";
import type { ActionResult, Problem } from "@/lib/contracts/problem";

/** Carries a change out and reads the page anew; what went wrong stays until the next try. */
export function useSetting(): {
  busy: boolean;
  problem: Problem | null;
  /** What is wrong with one field, for its own line. */
  faultOf: (field: string) => string | undefined;
  run: (change: () => Promise<ActionResult<unknown>>, done: string, after?: () => void) => void;
} {
  const queries = useQueryClient();
  const [busy, start] = useTransition();
  const [problem, setProblem] = useState<Problem | null>(null);
  return {
    busy,
    problem,
    faultOf: (field) => problem?.faults?.find(({ path }) => path === field)?.message,
    run: (change, done, after) =>
      start(async () => {
        const result = await change();
        setProblem(result.ok ? null : result.problem);
        if (!result.ok) return;
        await queries.invalidateQueries();
        after?.();
        showToast({ text: done, hue: "good" });
      }),
  };
}
