import type { Metadata } from "next";
import { cookies } from "next/headers";
import { LoginForm } from "@/app/(auth)/login/login-form";
import { safeCallbackPath } from "@/lib/callback-url";
import { parseZone, ZONE_COOKIE } from "@/lib/theme";

export const metadata: Metadata = { title: "Sign in" };

export default async function LoginPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const [params, jar] = await Promise.all([searchParams, cookies()]);
  return (
    <LoginForm
      next={safeCallbackPath(params["callbackUrl"])}
      timeZone={parseZone(jar.get(ZONE_COOKIE)?.value)}
      serverNowMs={Date.now()}
    />
  );
}
