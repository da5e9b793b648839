import { expect, test } from "@playwright/test";

import { account } from "./support/accounts";
import { endOf } from "./support/loads";
import { expectAccessible, open } from "./support/pages";
import { signIn } from "./support/sign-in";

test("an operator starts a bulk load, watches it, and sees the tenant become fresh", async ({
  page,
}) => {
  // A real load of two years: slow machines take their time.
  test.slow();
  await signIn(page, await account("operator"));
  await open(page, "/t/bergmann-it");
  await page.getByRole("button", { name: "Bulk load", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("Load Bergmann IT-Service for the first time");
  // The safe way out comes first and is where Enter would go.
  await expect(dialog.getByRole("button").first()).toBeFocused();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Start bulk load" }).click();

  await page.waitForURL(/\/runs\/[^/]+$/);
  const runId = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  await expect(page.getByRole("heading", { level: 1, name: "Bulk load" })).toBeVisible();
  expect(["succeeded", "partial"]).toContain(await endOf(page, runId));
  // Without a reload: the page follows the run by itself.
  await expect(page.getByText("rows read in")).toBeVisible();
  await expect(page.getByRole("region", { name: "Row ledger" })).toContainText("balances");
  await expect(page.getByRole("list", { name: "States of this run" })).toContainText("Validate");
  await expectAccessible(page);

  await page.getByRole("link", { name: "Bergmann IT-Service" }).first().click();
  await page.waitForURL("/t/bergmann-it");
  await expect(page.getByRole("table", { name: "Tables" })).toContainText("6 of 6 hold");
  await expect(page.getByRole("button", { name: "Start increment" })).toBeEnabled();
});

test("an increment is one click, and the fleet shows it", async ({ page }) => {
  await signIn(page, await account("operator"));
  await open(page, "/t/bergmann-it");
  // By the palette, which offers what the page's buttons do.
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Find or run" }).fill("start incr");
  // The page's own commands come with the last of it that the browser takes over.
  await expect(page.getByRole("option", { name: "Start increment" })).toBeVisible();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/runs\/[^/]+$/);
  const runId = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  expect(await endOf(page, runId)).toBe("succeeded");
  await open(page, "/");
  const row = page.getByRole("row").filter({ hasText: "Bergmann IT-Service" });
  await expect(row.getByRole("img", { name: /^tickets, .* old/ })).toBeVisible();
});
