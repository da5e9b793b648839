"use client";

import { signIn } from "next-auth/react";
import { useRouter } from "next/navigation";
import { SignIn, type SignInAnswer } from "@/components/shell/sign-in";

/** The answer of next-auth in words for the person at the form. */
function wordsFor(error: string): string {
  const throttled = /^throttled:(\d+)/.exec(error);
  if (throttled) return `Too many tries. Try again in ${throttled[1] ?? "some"} s.`;
  const unavailable = /^unavailable:(.+)/.exec(error);
  if (unavailable) return `Sign-in does not work right now. Reference ${unavailable[1] ?? ""}`;
  return "User name or password is wrong.";
}

/**
 * The sign-in page wired to the local accounts.
 * @param next a path of this console, already made safe
 */
export function LoginForm({
  next,
  timeZone,
  serverNowMs,
}: {
  next: string;
  timeZone: string;
  serverNowMs: number;
}) {
  const router = useRouter();
  const trySignIn = async (_previous: SignInAnswer, form: FormData): Promise<SignInAnswer> => {
    const username = String(form.get("username") ?? "");
    const answer = await signIn("credentials", {
      username,
      password: String(form.get("password") ?? ""),
      redirect: false,
    });
    if (answer?.error) return { error: wordsFor(answer.error), username };
    router.replace(next);
    router.refresh();
    return { error: null, username };
  };
  return <SignIn signIn={trySignIn} answers={null} timeZone={timeZone} serverNowMs={serverNowMs} />;
}
