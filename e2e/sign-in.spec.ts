import { expect, test } from "@playwright/test";

import { ADMIN } from "./support/console";
import { signIn } from "./support/sign-in";

test("a stranger is asked to sign in and comes to the page they wanted", async ({ page }) => {
  await page.goto("/runs");
  await expect(page).toHaveURL(/\/login\?/);
  await page.getByLabel("User name").fill(ADMIN.username);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByLabel("Password")).toHaveAccessibleDescription(/.+/);
  await page.getByLabel("User name").fill(ADMIN.username);
  await page.getByLabel("Password").fill(ADMIN.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/runs$/);
});

test("the fleet shows the demo tenants of a first start", async ({ page }) => {
  await signIn(page);
  for (const name of ["Bergmann IT-Service", "Harbor Point Managed Services"]) {
    await expect(page.getByText(name).first()).toBeVisible();
  }
});
