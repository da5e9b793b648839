"use client";

import { setRetentionAction } from "@/app/(console)/actions/dead-letters";
import { ProblemLine } from "@/app/(console)/settings/_parts/problem-line";
import { Button } from "@/components/ui/button";
import { InputField } from "@/components/ui/field";
import { SectionHead } from "@/components/ui/section-head";
import { RETENTION_DAYS } from "@/lib/contracts/dlq-commands";
import { formatCount } from "@/lib/format";
import { useSetting } from "./use-setting";

/** How long a tenant's closed dead letters are kept. It is saved by itself: the audit names it apart from the settings. */
export function RetentionForm({
  tenantId,
  days,
  whyNot,
}: {
  tenantId: string;
  days: number;
  whyNot: string | null;
}) {
  const { busy, problem, faultOf, run } = useSetting();
  return (
    <form
      aria-label="Retention of dead letters"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const typed = String(new FormData(event.currentTarget).get("days") ?? "").trim();
        const wanted = Number(typed);
        run(
          () => setRetentionAction(tenantId, typed === "" || Number.isNaN(wanted) ? typed : wanted),
          "Retention saved",
        );
      }}
    >
      <SectionHead name="Dead letters" fact="how long closed ones are kept" rule="new" />
      <div className="grid max-w-180 items-start gap-x-4 gap-y-3 px-4 pt-1 pb-4 sm:grid-cols-2">
        <InputField
          label="Kept for"
          name="days"
          inputMode="numeric"
          suffix="days"
          defaultValue={days}
          readOnly={whyNot !== null}
          error={faultOf("days")}
          help={`${RETENTION_DAYS.least} to ${formatCount(RETENTION_DAYS.most)} days after one was mended, discarded or superseded; then it is deleted. Open ones stay.`}
        />
      </div>
      <div className="flex flex-wrap items-center gap-3 border-t border-line px-4 py-3">
        <Button type="submit" busy={busy} busyLabel="Saving…" offReason={whyNot ?? undefined}>
          Save retention
        </Button>
        <ProblemLine problem={problem} shown={["days"]} />
      </div>
    </form>
  );
}
