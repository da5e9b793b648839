"use client";

import { useId } from "react";
import { addUserAction } from "@/app/(console)/actions/users";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose } from "@/components/ui/dialog";
import { InputField } from "@/components/ui/field";
import { SelectField } from "@/components/ui/select-field";
import { isRole, ROLES } from "@/lib/permissions";
import { ROLE_WORDS } from "../role-words";
import { PasswordField } from "./password-field";
import { ProblemLine } from "./problem-line";
import { useChange } from "./use-change";

const FIELDS = ["username", "displayName", "password"];

/** Asks for a new account. */
export function AddUserDialog({ onClose }: { onClose: () => void }) {
  const form = useId();
  const { busy, problem, faultOf, run } = useChange(onClose);
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title="Add user"
      consequence="They can sign in at once with the name and the password you give them."
      actions={
        <>
          <DialogClose render={<Button>Cancel</Button>} />
          <Button kind="main" type="submit" form={form} busy={busy} busyLabel="Adding…">
            Add user
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          const fields = new FormData(event.currentTarget);
          const text = (name: string): string => String(fields.get(name) ?? "");
          const role = text("role");
          run(
            () =>
              addUserAction({
                username: text("username"),
                displayName: text("displayName"),
                role: isRole(role) ? role : "viewer",
                password: text("password"),
              }),
            `${text("username")} can sign in now`,
          );
        }}
      >
        <InputField
          label="User name"
          name="username"
          required
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          error={faultOf("username")}
        />
        <InputField
          label="Name"
          name="displayName"
          required
          autoComplete="off"
          error={faultOf("displayName")}
        />
        <SelectField
          label="Role"
          name="role"
          defaultValue="viewer"
          options={ROLES.map((role) => ({
            value: role,
            label: ROLE_WORDS[role].word,
            hint: ROLE_WORDS[role].may,
          }))}
        />
        <PasswordField error={faultOf("password")} />
        <ProblemLine problem={problem} shown={FIELDS} />
      </form>
    </Dialog>
  );
}
