"use client";

import { useId, useState } from "react";
import {
  changeRoleAction,
  resetPasswordAction,
  setDisabledAction,
} from "@/app/(console)/actions/users";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose } from "@/components/ui/dialog";
import { SelectField } from "@/components/ui/select-field";
import { ROLES } from "@/lib/permissions";
import { ROLE_WORDS } from "../role-words";
import type { ShownUser } from "../shown-user";
import { PasswordField } from "./password-field";
import { ProblemLine } from "./problem-line";
import { useChange } from "./use-change";

interface About {
  readonly user: ShownUser;
  readonly onClose: () => void;
}

/** Asks for another role. */
export function ChangeRoleDialog({ user, onClose }: About) {
  const { busy, problem, run } = useChange(onClose);
  const [role, setRole] = useState(user.role);
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`Change the role of ${user.username}`}
      consequence="It holds for their next click; they stay signed in."
      actions={
        <>
          <DialogClose render={<Button>Cancel</Button>} />
          <Button
            kind="main"
            busy={busy}
            busyLabel="Changing…"
            offReason={role === user.role ? "the same role" : undefined}
            onClick={() =>
              run(
                () => changeRoleAction(user.username, role),
                `${user.username} is ${ROLE_WORDS[role].word.toLowerCase()} now`,
              )
            }
          >
            Change role
          </Button>
        </>
      }
    >
      <SelectField
        label="Role"
        value={role}
        onChange={setRole}
        options={ROLES.map((option) => ({
          value: option,
          label: ROLE_WORDS[option].word,
          hint: ROLE_WORDS[option].may,
        }))}
      />
      <ProblemLine problem={problem} />
    </Dialog>
  );
}

/** Asks before an account is shut out or let in again. */
export function DisableDialog({ user, disable, onClose }: About & { disable: boolean }) {
  const { busy, problem, run } = useChange(onClose);
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={disable ? `Disable ${user.username}` : `Enable ${user.username}`}
      consequence={
        disable
          ? "They cannot sign in any more, and what they have open stops working. What they did stays in the audit."
          : `They can sign in again with their old password, as ${ROLE_WORDS[user.role].word.toLowerCase()}.`
      }
      actions={
        <>
          <DialogClose render={<Button>Cancel</Button>} />
          <Button
            kind={disable ? "danger-solid" : "main"}
            busy={busy}
            busyLabel={disable ? "Disabling…" : "Enabling…"}
            onClick={() =>
              run(
                () => setDisabledAction(user.username, disable),
                disable ? `${user.username} is shut out` : `${user.username} can sign in again`,
              )
            }
          >
            {disable ? "Disable" : "Enable"}
          </Button>
        </>
      }
    >
      <ProblemLine problem={problem} />
    </Dialog>
  );
}

/** Asks for a new password. */
export function PasswordDialog({ user, onClose }: About) {
  const form = useId();
  const { busy, problem, faultOf, run } = useChange(onClose);
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`Set the password of ${user.username}`}
      consequence="The old password and every session made with it end."
      actions={
        <>
          <DialogClose render={<Button>Cancel</Button>} />
          <Button kind="main" type="submit" form={form} busy={busy} busyLabel="Setting…">
            Set password
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          const password = String(new FormData(event.currentTarget).get("password") ?? "");
          run(
            () => resetPasswordAction(user.username, password),
            `${user.username} has a new password`,
          );
        }}
      >
        <PasswordField error={faultOf("password")} />
        <ProblemLine problem={problem} shown={["password"]} />
      </form>
    </Dialog>
  );
}
