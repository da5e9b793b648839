"use client";

import { useRouter } from "next/navigation";
import { useState, useTransition } from "react";
import { showToast } from "@/components/ui/toast";
import type { ActionResult, Problem } from "@/lib/contracts/problem";

/**
 * Runs a change and says how it went: a problem stays in the dialog, a success closes it, draws the page anew and leaves a
 * toast beside what the page now shows.
 */
export function useChange(onClose: () => void): {
  busy: boolean;
  problem: Problem | null;
  /** What is wrong with one field, for its own line. */
  faultOf: (field: string) => string | undefined;
  run: (change: () => Promise<ActionResult<unknown>>, done: string) => void;
} {
  const router = useRouter();
  const [busy, startTransition] = useTransition();
  const [problem, setProblem] = useState<Problem | null>(null);
  return {
    busy,
    problem,
    faultOf: (field) => problem?.faults?.find(({ path }) => path === field)?.message,
    run: (change, done) =>
      startTransition(async () => {
        const result = await change();
        if (!result.ok) {
          setProblem(result.problem);
          return;
        }
        showToast({ text: done, hue: "good" });
        onClose();
        router.refresh();
      }),
  };
}
