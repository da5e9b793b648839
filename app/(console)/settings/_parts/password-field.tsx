"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { InputField } from "@/components/ui/field";
import { randomPassword } from "@/lib/random-password";

/** A password for somebody else: typed unseen, or made up and shown so that it can be passed on. */
export function PasswordField({ error }: { error: string | undefined }) {
  const [made, setMade] = useState<string | null>(null);
  const [typed, setTyped] = useState("");
  return (
    <div className="grid gap-1">
      <InputField
        label="Password"
        name="password"
        type={made === null ? "password" : "text"}
        mono={made !== null}
        autoComplete="new-password"
        spellCheck={false}
        required
        value={made ?? typed}
        onChange={(event) => {
          setMade(null);
          setTyped(event.target.value);
        }}
        error={error}
        help="At least 12 characters. It is not shown again: pass it on by a safe way."
      />
      <div>
        <Button kind="quiet" size="small" icon="key" onClick={() => setMade(randomPassword())}>
          Make one up
        </Button>
      </div>
    </div>
  );
}
