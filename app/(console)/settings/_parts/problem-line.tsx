import { Icon } from "@/components/ui/icon";
import type { Problem } from "@/lib/contracts/problem";

/** What went wrong, inside a dialog; faults that a field shows itself are left out. */
export function ProblemLine({
  problem,
  shown = [],
}: {
  problem: Problem | null;
  shown?: readonly string[];
}) {
  if (problem === null) return null;
  const faults = problem.faults ?? [];
  if (faults.length > 0 && faults.every(({ path }) => shown.includes(path))) return null;
  return (
    <p role="alert" className="type-base flex items-start gap-1.5 text-bad">
      <Icon name="circle-x" className="mt-0.5" />
      <span>
        {problem.detail}
        {problem.status >= 500 && (
          <span className="type-mono block text-ink-3">{problem.referenceId}</span>
        )}
      </span>
    </p>
  );
}
