import type { Page } from "@playwright/test";

import { ADMIN } from "./console";

/** Signs in on the sign-in page and waits until the page asked for is there. */
export async function signIn(
  page: Page,
  account: { username: string; password: string } = ADMIN,
  path = "/",
): Promise<void> {
  await page.goto(path);
  await page.getByLabel("User name").fill(account.username);
  await page.getByLabel("Password").fill(account.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname === path);
}
