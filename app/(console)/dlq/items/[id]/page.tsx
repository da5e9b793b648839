import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { prefetch, Prefetched } from "@/app/(console)/_read/prefetch";
import { pageZone } from "@/app/(console)/_read/page-zone";
import { deadLetterContract } from "@/lib/contracts/dlq";
import { whyNot } from "@/lib/permissions";
import { readDeadLetter, tenantOfDeadLetter } from "@/server/analytics/dead-letter-item";
import { openPage, openTenantPage } from "@/server/pipeline/open-page";
import { DeadLetterView } from "./view";

export const metadata: Metadata = { title: "Dead letter" };

export default async function DeadLetterPage({ params }: { params: Promise<{ id: string }> }) {
  const [{ id }, timeZone] = await Promise.all([params, pageZone()]);
  // Who asks comes before what is asked for: a stranger is not told which dead letters there are.
  await openPage();
  const tenantId = await tenantOfDeadLetter(id);
  if (tenantId === undefined) notFound();
  const { actor, scope } = await openTenantPage("dlq:read", tenantId);
  return (
    <Prefetched
      reads={[prefetch(deadLetterContract, { id }, () => readDeadLetter(scope, id), true)]}
    >
      <DeadLetterView
        id={id}
        timeZone={timeZone}
        whyNotReplay={whyNot(actor.role, "dlq:replay")}
        whyNotDiscard={whyNot(actor.role, "dlq:discard")}
      />
    </Prefetched>
  );
}
