import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { ProblemState } from "@/app/(console)/_parts/problem-state";
import { pageZone } from "@/app/(console)/_read/page-zone";
import { Page } from "@/components/shell/page";
import { PageHead } from "@/components/shell/page-head";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { whyNot } from "@/lib/permissions";
import { listAudit } from "@/server/audit/list-audit";
import { openPage } from "@/server/pipeline/open-page";
import { attempt } from "@/server/pipeline/attempt";
import { AuditFilters } from "./filters";
import { AuditTable } from "./audit-table";
import { auditHref, loadAuditParams } from "./search-params";

export const metadata: Metadata = { title: "Audit" };

const PAGE_ROWS = 50;

/** Who did what, newest first, a page at a time. */
export default async function AuditPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const [actor, params, timeZone] = await Promise.all([
    openPage(),
    loadAuditParams(searchParams),
    pageZone(),
  ]);
  const reason = whyNot(actor.role, "audit:read");
  const head = (
    <PageHead
      title="Audit"
      sentence="Who did what, and what was not allowed. Lines are only ever added."
    />
  );
  if (reason !== null)
    return (
      <Page>
        {head}
        <EmptyState
          title="The audit is not open to you"
          sentence={`${reason}; yours is ${actor.role}.`}
        />
      </Page>
    );
  const read = await attempt("audit", () =>
    listAudit({
      after: params.after,
      limit: PAGE_ROWS,
      ...(params.actor === null ? {} : { actor: params.actor }),
      ...(params.action === null ? {} : { action: params.action }),
      ...(params.outcome === null ? {} : { outcome: params.outcome }),
      ...(params.tenant === null ? {} : { tenantId: params.tenant }),
    }),
  );
  return (
    <Page>
      {head}
      <AuditFilters params={params} />
      {read.ok ? (
        <section
          aria-label="Lines"
          className="scroll-quiet md:min-h-0 md:flex-1 md:overflow-y-auto"
        >
          {read.value.rows.length === 0 ? (
            <EmptyState
              title="No line matches"
              sentence="Nothing that was done, or tried, fits these filters."
              actions={<ButtonLink href="/audit">Show everything</ButtonLink>}
            />
          ) : (
            <AuditTable
              rows={read.value.rows}
              timeZone={timeZone}
              footer={{
                shown: read.value.rows.length,
                total: null,
                nextHref:
                  read.value.next === null
                    ? null
                    : auditHref("/audit", { ...params, after: read.value.next }),
                firstHref:
                  params.after === null ? null : auditHref("/audit", { ...params, after: null }),
              }}
            />
          )}
        </section>
      ) : (
        <ProblemState
          problem={read.problem}
          cannot="the audit"
          // A place in the list that does not exist will not come to exist: the way out is the first page.
          retryHref={auditHref("/audit", {
            ...params,
            ...(read.problem.code === "invalid-input" ? { after: null } : {}),
          })}
        />
      )}
    </Page>
  );
}
