import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect, type Page, test } from "@playwright/test";

import { account, storeDir } from "./support/accounts";
import { endOf, runToTheEnd } from "./support/loads";
import { expectAccessible, expectNarrow, open } from "./support/pages";
import { signIn } from "./support/sign-in";

const TENANT = "fjordtech";
/** A failure of its own, so that what other tests loaded is not in its group. */
const REVENUE = "about 12,5 million";

/** Lands companies whose revenue is no number, and loads them. */
async function landRejects(page: Page): Promise<void> {
  const folder = path.join(storeDir, TENANT, "canonical", "companies");
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path.join(folder, "rejects-20261102T000000Z-1.ndjson"),
    ["one", "two", "three", "four"]
      .map((name) =>
        JSON.stringify({
          company_id: `reject-${name}`,
          company_name: `Reject ${name}`,
          status: "Active",
          annual_revenue: REVENUE,
        }),
      )
      .join("\n"),
  );
  await runToTheEnd(page, TENANT, "incremental");
}

async function lettersOf(page: Page): Promise<Record<string, string>[]> {
  const address = `/api/v1/dlq/items?tenant=${TENANT}&table=companies&status=any`;
  const reply = (await (await page.request.get(address)).json()) as {
    rows: Record<string, string>[];
  };
  return reply.rows.filter((row) => row["value"] === REVENUE);
}

async function idOf(page: Page, name: string): Promise<string> {
  const letter = (await lettersOf(page)).find((row) => row["entityId"] === `reject-${name}`);
  if (letter?.["id"] === undefined) throw new Error(`No dead letter of ${name}`);
  return letter["id"];
}

test("a rejected record is mended, tried, replayed; others are replayed together or discarded", async ({
  page,
}) => {
  test.slow();
  await signIn(page, await account("operator"));
  await landRejects(page);

  await open(page, `/dlq/items/${await idOf(page, "one")}`);
  await expect(page.getByRole("button", { name: /Replay this record/ })).toHaveAttribute(
    "aria-disabled",
    "true",
  );
  await expectAccessible(page);
  await expectNarrow(page);
  await page.getByLabel("annual_revenue", { exact: true }).fill("12,5");
  await expect(page.getByText("annual_revenue is not a number").first()).toBeVisible();
  await page.getByLabel("annual_revenue", { exact: true }).fill("12500000");
  await page.getByRole("button", { name: "Dry run" }).click();
  const dryRun = page.getByRole("region", { name: "Dry run", exact: true });
  await expect(dryRun).toContainText("Would open version 1");
  await expect(dryRun.getByRole("table", { name: "Fields that change" })).toContainText("12500000");
  await expectAccessible(page);
  await page.getByRole("button", { name: /Replay this record/ }).click();
  const link = page.getByRole("link", { name: "Replay started: open its run" });
  const runId = (await link.getAttribute("href"))?.split("/").at(-1) ?? "";
  expect(await endOf(page, runId)).toBe("succeeded");
  // Without a reload: the page follows the dead letter by itself.
  await expect(page.getByText("Mended", { exact: true })).toBeVisible();
  await open(page, `/runs/${runId}`);
  await expect(page.getByRole("heading", { level: 1, name: "Replay" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Row ledger" })).toContainText("balances");

  await open(page, `/dlq?tenant=${TENANT}&table=companies`);
  await page
    .getByRole("list", { name: /Causes/ })
    .getByRole("listitem")
    .filter({ hasText: "about" })
    .getByRole("link")
    .click();
  for (const name of ["two", "three"])
    await page.getByRole("checkbox", { name: `Pick reject-${name}` }).check();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Replay 2…" }).click();
  const dialog = page.getByRole("dialog", { name: "Replay 2 dead letters" });
  await dialog.getByRole("button", { name: "Dry run" }).click();
  const counts = dialog.getByRole("list", { name: "What a replay would do" });
  await expect(counts).toContainText("2 fail again");
  await dialog.getByRole("combobox", { name: "Set on each record" }).click();
  await page.getByRole("option", { name: "annual_revenue" }).click();
  await dialog.getByRole("button", { name: "Dry run" }).click();
  await expect(counts).toContainText("2 change the history");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Replay", exact: true }).click();
  await expect(dialog).toHaveCount(0);
  await expect
    .poll(async () => (await lettersOf(page)).filter((row) => row["status"] === "replayed").length)
    .toBe(3);

  await page.getByRole("button", { name: "Discard all 1…" }).click();
  const discard = page.getByRole("dialog", { name: "Discard 1 dead letter" });
  await discard.getByRole("button", { name: "Discard", exact: true }).click();
  await expect(discard.getByText("Say why, in a few words.")).toBeVisible();
  await discard.getByRole("textbox", { name: "Reason" }).fill("A test company");
  await discard.getByRole("button", { name: "Discard", exact: true }).click();
  await expect(discard).toHaveCount(0);
  await open(page, `/dlq/items/${await idOf(page, "four")}`);
  await expect(page.getByText("Discarded", { exact: true })).toBeVisible();
  await expect(page.getByText(/A test company/)).toBeVisible();
});

test("a viewer sees why nothing can be done, and the API refuses", async ({ page }) => {
  await signIn(page, await account("viewer"));
  const address = `/api/v1/dlq/items?status=any&limit=1`;
  const { rows } = (await (await page.request.get(address)).json()) as {
    rows: { id: string; tenantId: string }[];
  };
  const [letter] = rows;
  if (letter === undefined) throw new Error("There is no dead letter");
  await open(page, `/dlq/items/${letter.id}`);
  await expect(page.getByRole("button", { name: /^Replay/ })).toHaveAccessibleDescription(
    "Needs the operator role",
  );
  for (const verb of ["replay", "dry-run", "discard"]) {
    const reply = await page.request.post(`/api/v1/tenants/${letter.tenantId}/dlq/${verb}`, {
      data: { ids: [letter.id], ...(verb === "discard" ? { reason: "not mine" } : {}) },
    });
    expect(reply.status(), verb).toBe(403);
  }
});
