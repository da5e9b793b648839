import { expect, type Page, test } from "@playwright/test";

import { account } from "./support/accounts";
import { endOf, ensureLoaded } from "./support/loads";
import { expectAccessible, expectNarrow, open } from "./support/pages";
import { signIn } from "./support/sign-in";

const TENANT = "bergmann-it";

/** Starts a reload by its dialog and waits on the run's page until its plan is there. */
async function planReload(page: Page): Promise<string> {
  await open(page, `/t/${TENANT}`);
  await page.getByRole("button", { name: "Bulk load", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("It stops before it publishes");
  await dialog.getByRole("button", { name: "Plan bulk load" }).click();
  await page.waitForURL(/\/runs\/[^/]+$/);
  const runId = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  expect(await endOf(page, runId)).toBe("waiting_approval");
  // Without a reload: the page follows the run by itself.
  await expect(page.getByRole("table", { name: "Plan by table" })).toBeVisible();
  return runId;
}

test.beforeEach(async ({ page }) => {
  // Real loads of two years: slow machines take their time.
  test.slow();
  await signIn(page, await account("operator"));
  await ensureLoaded(page, TENANT);
});

test("a reload stops as a plan; an operator looks at it and applies it", async ({ page }) => {
  const runId = await planReload(page);
  const plan = page.getByRole("region", { name: "Plan", exact: true });
  await expect(plan).toContainText("A bulk load over a table that has history stops for approval.");
  await expect(plan.getByRole("row").filter({ hasText: "tickets" })).toBeVisible();
  await expectAccessible(page);
  await expectNarrow(page);
  await open(page, "/");
  const need = page.getByText("A plan waits for approval").first();
  await expect(need).toBeVisible();

  await open(page, `/runs/${runId}`);
  await page.getByRole("button", { name: "Apply plan" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("Exactly what was staged is published");
  await dialog.getByRole("button", { name: "Apply plan" }).click();
  await expect
    .poll(async () => endOf(page, runId), { timeout: 90_000 })
    .toMatch(/^(succeeded|partial)$/);
  await expect(page.getByText("rows read in")).toBeVisible();
  await expect(plan).toContainText("applied by the-operator");
  await expect(page.getByRole("region", { name: "Row ledger" })).toContainText("balances");
});

test("a plan is rejected with a reason, and the run ends cancelled", async ({ page }) => {
  const runId = await planReload(page);
  await page.getByRole("button", { name: "Reject", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("button", { name: /Reject plan/ })).toHaveAttribute(
    "aria-disabled",
    "true",
  );
  await dialog.getByLabel("Reason").fill("The source is being mended.");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Reject plan" }).click();
  await expect.poll(async () => endOf(page, runId), { timeout: 90_000 }).toBe("cancelled");
  await expect(page.getByText("The source is being mended.").first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Apply plan" })).toHaveCount(0);
});
