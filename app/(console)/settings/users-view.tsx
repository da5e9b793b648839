"use client";

import { useState } from "react";
import { AboveRow, columnsFor, DataTable } from "@/components/data/table";
import { Button, IconButton } from "@/components/ui/button";
import { Icon } from "@/components/ui/icon";
import { Menu } from "@/components/ui/menu";
import { SectionHead } from "@/components/ui/section-head";
import { ROLES } from "@/lib/permissions";
import { formatDate, threeClocks } from "@/lib/time";
import { AddUserDialog } from "./_parts/add-user-dialog";
import { ChangeRoleDialog, DisableDialog, PasswordDialog } from "./_parts/change-user-dialogs";
import { ROLE_WORDS } from "./role-words";
import type { ShownUser } from "./shown-user";

interface Row extends ShownUser {
  readonly me: boolean;
  readonly timeZone: string;
  readonly onAsk: (ask: Ask) => void;
}

/** Which dialog is open, about whom. */
type Ask =
  | { readonly what: "add" }
  | { readonly what: "role" | "disable" | "enable" | "password"; readonly user: ShownUser };

const column = columnsFor<Row>();
const columns = column.columns([
  column.display({
    id: "user",
    header: "User",
    cell: ({ row: { original: user } }) => (
      <>
        <span className={user.disabled ? "font-medium text-ink-3" : "font-medium"}>
          {user.displayName}
        </span>{" "}
        <span className="type-mono text-ink-3">{user.username}</span>
        {user.me && <span className="text-ink-3"> (you)</span>}
      </>
    ),
  }),
  column.display({
    id: "role",
    header: "Role",
    cell: ({ row: { original: user } }) => ROLE_WORDS[user.role].word,
  }),
  column.display({
    id: "state",
    header: "State",
    cell: ({ row: { original: user } }) =>
      user.disabled ? (
        <span className="flex items-center gap-1.25 font-medium text-ink-2">
          <Icon name="ban" />
          Disabled
        </span>
      ) : (
        <span className="flex items-center gap-1.25 text-ink-3">
          <Icon name="check" />
          Active
        </span>
      ),
  }),
  column.display({
    id: "since",
    header: "Since",
    meta: { hideBelow: "md", grow: true },
    cell: ({ row: { original: user } }) => (
      <time
        className="text-ink-2"
        dateTime={user.createdAt}
        title={threeClocks(user.createdAt, user.timeZone).join("\n")}
      >
        {formatDate(user.createdAt, user.timeZone)}, by {user.createdBy}
      </time>
    ),
  }),
  column.display({
    id: "menu",
    header: () => <span className="sr-only">What can be done</span>,
    meta: { align: "right" },
    cell: ({ row: { original: user } }) => (
      <AboveRow>
        <Menu
          align="end"
          trigger={<IconButton icon="ellipsis" label={`Change ${user.username}`} />}
          sections={[
            {
              id: "change",
              entries: [
                {
                  id: "role",
                  label: "Change role…",
                  onChoose: () => user.onAsk({ what: "role", user }),
                },
                {
                  id: "password",
                  label: "Set password…",
                  icon: "key",
                  onChoose: () => user.onAsk({ what: "password", user }),
                },
                user.disabled
                  ? {
                      id: "enable",
                      label: "Enable…",
                      onChoose: () => user.onAsk({ what: "enable", user }),
                    }
                  : {
                      id: "disable",
                      label: "Disable…",
                      icon: "ban",
                      danger: true,
                      offReason: user.me ? "not your own" : undefined,
                      onChoose: () => user.onAsk({ what: "disable", user }),
                    },
              ],
            },
          ]}
        />
      </AboveRow>
    ),
  }),
]);

/** Everybody who may sign in, with what an admin can do about them. */
export function UsersView({
  users,
  me,
  timeZone,
}: {
  users: readonly ShownUser[];
  /** The user name of the reader. */
  me: string;
  timeZone: string;
}) {
  const [ask, setAsk] = useState<Ask | null>(null);
  const close = (): void => setAsk(null);
  const active = users.filter(({ disabled }) => !disabled);
  const counts = ROLES.map((role) => {
    const count = active.filter((user) => user.role === role).length;
    return `${count} ${ROLE_WORDS[role].word.toLowerCase()}${count === 1 ? "" : "s"}`;
  });
  return (
    <>
      <SectionHead
        name="Users"
        fact={counts.join(", ")}
        rule="new"
        actions={
          <Button kind="main" size="small" icon="user" onClick={() => setAsk({ what: "add" })}>
            Add user
          </Button>
        }
      />
      <DataTable
        name="Users"
        columns={columns}
        rows={users.map((user) => ({ ...user, me: user.username === me, timeZone, onAsk: setAsk }))}
        rowId={(user) => user.username}
        density="comfortable"
        keys={false}
      />
      {ask?.what === "add" && <AddUserDialog onClose={close} />}
      {ask?.what === "role" && <ChangeRoleDialog user={ask.user} onClose={close} />}
      {ask?.what === "password" && <PasswordDialog user={ask.user} onClose={close} />}
      {(ask?.what === "disable" || ask?.what === "enable") && (
        <DisableDialog user={ask.user} disable={ask.what === "disable"} onClose={close} />
      )}
    </>
  );
}
