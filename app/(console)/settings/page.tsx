import type { Metadata } from "next";
import { ProblemState } from "@/app/(console)/_parts/problem-state";
import { pageZone } from "@/app/(console)/_read/page-zone";
import { Page } from "@/components/shell/page";
import { PageHead } from "@/components/shell/page-head";
import { EmptyState } from "@/components/ui/empty-state";
import { Facts } from "@/components/ui/facts";
import { SectionHead } from "@/components/ui/section-head";
import { whyNot } from "@/lib/permissions";
import { listUsers } from "@/server/auth/users";
import { getDb } from "@/server/clickhouse/client";
import { attempt } from "@/server/pipeline/attempt";
import { openPage } from "@/server/pipeline/open-page";
import { ROLE_WORDS } from "./role-words";
import { UsersView } from "./users-view";

export const metadata: Metadata = { title: "Settings" };

/** One's own account, and for admins everybody's. */
export default async function SettingsPage() {
  const [actor, timeZone] = await Promise.all([openPage(), pageZone()]);
  const reason = whyNot(actor.role, "user:manage");
  const users =
    reason === null ? await attempt("users", async () => listUsers(await getDb())) : null;
  return (
    <Page>
      <PageHead title="Settings" />
      <div className="scroll-quiet md:min-h-0 md:flex-1 md:overflow-y-auto">
        <SectionHead name="Your account" rule="none" />
        <Facts
          className="px-4 pb-4"
          facts={[
            { name: "user name", value: actor.username, mono: true },
            { name: "name", value: actor.displayName },
            {
              name: "role",
              value: `${ROLE_WORDS[actor.role].word}: ${ROLE_WORDS[actor.role].may}`,
            },
            { name: "times", value: `shown in ${timeZone}, the zone of this browser` },
          ]}
        />
        {users === null ? (
          <>
            <SectionHead name="Users" rule="new" />
            <EmptyState
              title="Users are managed by admins"
              sentence={`${reason}; yours is ${actor.role}.`}
            />
          </>
        ) : users.ok ? (
          <UsersView users={users.value} me={actor.username} timeZone={timeZone} />
        ) : (
          <ProblemState problem={users.problem} cannot="the list of users" retryHref="/settings" />
        )}
      </div>
    </Page>
  );
}
