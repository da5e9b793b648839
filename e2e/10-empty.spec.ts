import { expect, test } from "@playwright/test";

import { expectAccessible, expectNarrow, open } from "./support/pages";
import { signIn } from "./support/sign-in";

test.describe("before anything was loaded", () => {
  test.beforeEach(({ page }) => signIn(page));

  test("the fleet says what is ready for its first load", async ({ page }) => {
    await expect(page.getByText("Ready for their first load.")).toBeVisible();
    await expect(page.getByText("No run was at work in the last 6 h.")).toBeVisible();
    await expectAccessible(page);
    await expectNarrow(page);
  });

  test("a tenant offers the bulk load, and the increment waits for it", async ({ page }) => {
    await open(page, "/t/fjordtech");
    await expect(page.getByRole("heading", { name: "Ready for its first load" })).toBeVisible();
    const increment = page.getByRole("button", { name: /Start increment/ });
    await expect(increment).toHaveAttribute("aria-disabled", "true");
    await expect(increment).toHaveAccessibleDescription("after the bulk load");
    await expectAccessible(page);
    await expectNarrow(page);
  });

  for (const { path, title } of [
    { path: "/runs", title: "No run yet" },
    { path: "/dlq", title: "No dead letter" },
    { path: "/t/fjordtech/entities/tickets", title: "No record of tickets yet" },
    { path: "/tenants?search=nobody", title: "No tenant matches" },
    { path: "/?health=degraded", title: "No tenant matches" },
    { path: "/runs?status=failed", title: "No run matches" },
    { path: "/dlq?table=tickets", title: "No dead letter matches" },
  ]) {
    test(`${path} says: ${title}`, async ({ page }) => {
      await open(page, path);
      await expect(page.getByRole("heading", { name: title })).toBeVisible();
      await expectAccessible(page);
    });
  }

  for (const path of ["/t/none", "/runs/none", "/dlq/items/none", "/t/fjordtech/entities/none"]) {
    test(`${path} is not there`, async ({ page }) => {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(page.getByText(/not|no such/i).first()).toBeVisible();
    });
  }
});
