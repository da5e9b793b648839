import { expect, test } from "@playwright/test";

import { account } from "./support/accounts";
import { ensureLoaded } from "./support/loads";
import { expectAccessible, open } from "./support/pages";
import { signIn } from "./support/sign-in";

const PROBLEM = {
  type: "urn:avesa:problem:store-unavailable",
  title: "ClickHouse cannot be reached",
  status: 503,
  detail: "The console is trying to reach ClickHouse again. Reload in a moment.",
  code: "store-unavailable",
  referenceId: "3f0c2a90-0000-4000-8000-000000000001",
};

test("a viewer sees everything and can start nothing, on the page or past it", async ({ page }) => {
  test.slow();
  await signIn(page);
  await ensureLoaded(page, "bergmann-it");
  await page.context().clearCookies();
  await signIn(page, await account("viewer"));
  await open(page, "/t/bergmann-it");
  for (const name of [/^Bulk load/, /^Start increment/]) {
    const button = page.getByRole("button", { name });
    await expect(button).toHaveAttribute("aria-disabled", "true");
    await expect(button).toHaveAccessibleDescription("Needs the operator role");
    await button.click({ force: true });
  }
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page).toHaveURL(/\/t\/bergmann-it$/);
  await expectAccessible(page);
  const refused = await page.request.post("/api/v1/tenants/bergmann-it/runs", {
    data: { mode: "incremental" },
  });
  expect(refused.status()).toBe(403);
});

test("a read that fails says so in its own place, and goes on when it can", async ({ page }) => {
  await signIn(page);
  await open(page, "/runs");
  await page.route("**/api/v1/runs?**", (route) =>
    route.fulfill({ status: 503, contentType: "application/problem+json", json: PROBLEM }),
  );
  await page.getByRole("group", { name: "State" }).getByRole("button", { name: "Failed" }).click();
  await expect(
    page.getByText("Not live.").or(page.getByText("Runs cannot be read right now")).first(),
  ).toBeVisible();
  await expectAccessible(page);
  await page.unroute("**/api/v1/runs?**");
  await page.getByRole("button", { name: /Try (now|again)/ }).click();
  await expect(page.getByText("Not live.")).toHaveCount(0);
  await expect(page.getByText("cannot be read right now")).toHaveCount(0);
});

test("a page that cannot be read shows its reference and a way to try again", async ({ page }) => {
  await signIn(page);
  await open(page, "/tenants");
  await page.route("**/api/v1/tenants?**", (route) =>
    route.fulfill({ status: 503, contentType: "application/problem+json", json: PROBLEM }),
  );
  await page.getByRole("searchbox").fill("berg");
  await expect(
    page.getByText("Not live.").or(page.getByText(PROBLEM.referenceId)).first(),
  ).toBeVisible();
});

test("signing out ends the session", async ({ page }) => {
  await signIn(page);
  await page.context().clearCookies();
  await page.goto("/runs");
  await expect(page).toHaveURL(/\/login\?callbackUrl=/);
});
