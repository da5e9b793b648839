"use client";

import { useActionState } from "react";
import { Equation } from "@/components/shell/equation";
import { Brand } from "@/components/shell/mark";
import { SignInClock } from "@/components/shell/sign-in-clock";
import { Button } from "@/components/ui/button";
import { InputField } from "@/components/ui/field";
import { Icon } from "@/components/ui/icon";

export interface SignInAnswer {
  /** What is wrong, for the person: `User name or password is wrong.` Null before the first try. */
  error: string | null;
  /** What they typed, so that it is not typed twice. */
  username: string;
}

export interface SignInProps {
  /** Signs in with the form's `username` and `password` and goes on, or answers why not. */
  signIn: (previous: SignInAnswer, form: FormData) => Promise<SignInAnswer>;
  /** Goes to single sign-on; without it the button is not drawn. */
  singleSignOn?: (() => void) | undefined;
  /** Whether what stands behind the console answers. */
  answers: { ok: boolean; text: string } | null;
  timeZone: string;
  serverNowMs: number;
}

/** The sign-in page: the form, and beside it the equation that every run must satisfy. */
export function SignIn({ signIn, singleSignOn, answers, timeZone, serverNowMs }: SignInProps) {
  const [answer, submit, busy] = useActionState(signIn, { error: null, username: "" });
  return (
    <main id="main" className="grid min-h-dvh md:grid-cols-[5fr_7fr]">
      <div className="flex items-center px-4 py-10 md:px-30">
        <div className="mx-auto w-90 max-w-full md:mx-0">
          <Brand />
          <h1 className="type-figure mt-8 mb-4">Sign in</h1>
          <form action={submit} className="grid gap-3">
            <InputField
              label="User name"
              name="username"
              autoCapitalize="none"
              spellCheck={false}
              autoComplete="username"
              required
              size="large"
              autoFocus
              defaultValue={answer.username}
              key={answer.username}
            />
            <InputField
              label="Password"
              name="password"
              type="password"
              autoComplete="current-password"
              required
              size="large"
              error={answer.error ?? undefined}
            />
            <Button
              type="submit"
              kind="main"
              size="large"
              busy={busy}
              busyLabel="Signing in…"
              className="mt-2.5"
            >
              Sign in
            </Button>
          </form>
          {singleSignOn && (
            <>
              <div className="type-small my-2.5 flex items-center gap-2 text-ink-3">
                <span className="h-px flex-1 bg-line" />
                or
                <span className="h-px flex-1 bg-line" />
              </div>
              <Button size="large" icon="key" className="w-full" onClick={singleSignOn}>
                Continue with single sign-on
              </Button>
            </>
          )}
          <ul className="type-small mt-7 grid gap-1 text-ink-3">
            <li className="flex items-center gap-1.5">
              <Icon name="clock" size={13} />
              <SignInClock timeZone={timeZone} serverNowMs={serverNowMs} />
            </li>
            {answers && (
              <li
                className={
                  answers.ok ? "flex items-center gap-1.5" : "flex items-center gap-1.5 text-bad"
                }
              >
                <Icon name={answers.ok ? "circle-check" : "server-off"} size={13} />
                {answers.text}
              </li>
            )}
            <li className="flex items-center gap-1.5">
              <Icon name="user" size={13} />
              No account? Ask an administrator of this console.
            </li>
          </ul>
        </div>
      </div>
      <div className="flex items-center justify-center border-l border-line bg-sunken px-30 max-md:hidden">
        <Equation />
      </div>
    </main>
  );
}
