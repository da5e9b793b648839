import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect, type Page, test } from "@playwright/test";

import { storeDir } from "./support/accounts";
import { ensureLoaded, runToTheEnd } from "./support/loads";
import { expectAccessible, expectNarrow, open } from "./support/pages";
import { signIn } from "./support/sign-in";

const ODD_IDS = ["a/b?c#d", "50 %", "quote' \"x\\y", "line\nbreak", "ünï ✓", "x".repeat(10_000)];

test.beforeEach(async ({ page }) => {
  // Whichever test comes first loads two tenants, and each looks at its page four times with axe.
  test.slow();
  await signIn(page);
  await ensureLoaded(page, "bergmann-it");
  await ensureLoaded(page, "harbor-point");
});

async function firstOf(page: Page, address: string): Promise<Record<string, string>> {
  const reply = (await (await page.request.get(address)).json()) as {
    rows: Record<string, string>[];
  };
  const [row] = reply.rows;
  if (row === undefined) throw new Error(`${address} is empty`);
  return row;
}

async function checkPage(page: Page): Promise<void> {
  await expectAccessible(page);
  await expectNarrow(page);
}

test("fleet: needs, freshness, throughput; health filters are in the address", async ({ page }) => {
  await open(page, "/");
  await expect(page.getByRole("heading", { name: "Fleet" })).toBeVisible();
  await expect(page.getByRole("img", { name: /Throughput over time/ })).toBeVisible();
  await checkPage(page);
  const chip = page.getByRole("group", { name: "Health" }).getByRole("button", { name: /Unknown/ });
  await chip.click();
  await expect(page).toHaveURL(/health=unknown/);
  await expect(chip).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByRole("link", { name: "Bergmann IT-Service" })).toHaveCount(0);
  await page.getByRole("group", { name: "Window" }).getByRole("button", { name: "24 h" }).click();
  await expect(page).toHaveURL(/window=24h/);
});

test("fleet: rows are walked by j and k and opened by Enter", async ({ page }) => {
  await open(page, "/");
  const focused = page.locator("[data-row-link]:focus");
  // The frame is taken over by the browser a moment before the page in it.
  await expect(async () => {
    await page.keyboard.press("j");
    await expect(focused).toBeVisible({ timeout: 1_000 });
  }).toPass();
  const name = await focused.innerText();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/t\//);
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
});

test("tenants: found by name, opened by the row", async ({ page }) => {
  await open(page, "/tenants");
  await checkPage(page);
  await page.keyboard.press("/");
  await page.keyboard.type("harb");
  await expect(page).toHaveURL(/search=harb/);
  await expect(page.getByRole("link", { name: "Bergmann IT-Service" })).toHaveCount(0);
  await page.getByRole("link", { name: "Harbor Point Managed Services" }).first().click();
  await page.waitForURL("/t/harbor-point");
});

test("tenant: tables, age, validation with sample rows, recent runs", async ({ page }) => {
  await open(page, "/t/harbor-point");
  await expect(page.getByRole("table", { name: "Tables" })).toContainText("tickets");
  await expect(page.getByRole("table", { name: "Rejected rows per rule" })).toContainText(
    "required",
  );
  await expect(page.getByRole("table", { name: "Runs" })).toContainText("Bulk load");
  await checkPage(page);
  const sample = page.getByText(/rows?, \d+ shown/).first();
  await sample.click();
  await expect(page.getByText(/row \d/).first()).toBeVisible();
  await page.getByRole("group", { name: "Window" }).getByRole("button", { name: "3 d" }).click();
  await expect(page).toHaveURL(/window=3d/);
});

test("runs: filters are in the address and lead to a run", async ({ page }) => {
  await open(page, "/runs");
  await checkPage(page);
  await page.getByRole("combobox", { name: "Mode" }).click();
  await page.getByRole("option", { name: "Bulk load" }).click();
  await expect(page).toHaveURL(/mode=bulk/);
  await expect(page.getByRole("table", { name: "Runs" })).not.toContainText("Increment");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/runs\/[^/]+$/);
});

test("runs: a new run waits behind a button and does not move the list", async ({ page }) => {
  await open(page, "/runs");
  const first = page.getByRole("table", { name: "Runs" }).getByRole("row").nth(1);
  const before = await first.innerText();
  await runToTheEnd(page, "bergmann-it", "incremental");
  const button = page.getByRole("button", { name: /new run/ });
  await expect(button).toBeVisible({ timeout: 30_000 });
  expect(await first.innerText()).toBe(before);
  await button.click();
  await expect(button).toHaveCount(0);
});

test("run: graph, ledger, events, log and validation of a run that is over", async ({ page }) => {
  const { runId = "" } = await firstOf(page, "/api/v1/runs?tenant=harbor-point&mode=bulk");
  await open(page, `/runs/${runId}`);
  await expect(page.getByRole("list", { name: "States of this run" })).toContainText("Initialize");
  await expect(page.getByRole("list", { name: "Tables and attempts over time" })).toContainText(
    "stage",
  );
  await expect(page.getByRole("table", { name: "Row ledger" })).toContainText("accounted");
  await expect(page.getByRole("list", { name: "Events, newest first" })).toContainText("published");
  await expect(page.getByRole("region", { name: "Validation", exact: true })).toContainText(
    "rules found rows",
  );
  await expect(page.getByRole("button", { name: "Cancel run" })).toHaveCount(0);
  await checkPage(page);
  await page.getByRole("searchbox", { name: "Search the log" }).fill("rows to dead letters");
  await expect(page).toHaveURL(/log=rows/);
  await expect(page.getByRole("list", { name: /Log lines/ })).not.toContainText("run_started");
});

test("records: a ticket with many versions, its difference and where a value comes from", async ({
  page,
}) => {
  await open(page, "/t/bergmann-it/entities/tickets");
  await checkPage(page);
  const { id = "" } = await firstOf(page, "/api/v1/tenants/bergmann-it/entities/tickets");
  await page.getByRole("searchbox").fill(id);
  await expect(page).toHaveURL(new RegExp(`id=${id}`));
  await page.getByRole("link", { name: id, exact: true }).click();
  await page.waitForURL(/entities\/tickets\/.+/);
  await expect(page.getByRole("heading", { level: 1, name: `Ticket ${id}` })).toBeVisible();
  await expect(page.getByText("6 of 6 invariants")).toBeVisible();
  await expect(page.getByRole("list", { name: "From the value down to the row" })).toContainText(
    "Row",
  );
  await checkPage(page);
});

test("record: the handles of the timeline move by keys, and the address keeps them", async ({
  page,
}) => {
  const reply = (await (
    await page.request.get("/api/v1/tenants/bergmann-it/entities/tickets?limit=200")
  ).json()) as { rows: { key: string; versions: number }[] };
  const rich = reply.rows.toSorted((a, b) => b.versions - a.versions)[0];
  if (rich === undefined) throw new Error("No ticket was loaded");
  await open(page, `/t/bergmann-it/entities/tickets/${rich.key}`);
  await page.getByRole("slider").nth(1).focus();
  await page.keyboard.press("ArrowLeft");
  await expect(page).toHaveURL(new RegExp(`b=${rich.versions - 1}`));
  await page.keyboard.press("Home");
  await expect(page).toHaveURL(/b=1(&|$)/);
  await page.keyboard.press("End");
  await expect(page).toHaveURL(new RegExp(`b=${rich.versions}`));
  await page.getByRole("table", { name: "Difference" }).getByRole("link").first().click();
  await expect(page).toHaveURL(/field=/);
  await expect(page.getByRole("region", { name: "Where this value comes from" })).toContainText(
    "Version",
  );

  // Fields whose changes say nothing are folded away, in the address.
  const noise = page.getByRole("checkbox", { name: /is noise/ });
  await noise.first().check();
  await expect(page).toHaveURL(/fold=/);
  await noise.first().uncheck();

  // A moment before the record was there, then one at which it was, on the tenant's clock.
  await page.getByRole("button", { name: "As of now" }).click();
  const moment = page.getByLabel("Moment, Berlin time");
  await moment.fill("2001-02-03T04:05");
  await expect(page.getByText("03:05:00 UTC")).toBeVisible();
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await expect(page).toHaveURL(/at=2001-02-03T03/);
  await expect(page.getByText(/the record was not there yet/)).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Back to now" }).click();
  await expect(page).not.toHaveURL(/at=/);
});

test("records with ids of any characters are found and opened", async ({ page }) => {
  const folder = path.join(storeDir, "fjordtech", "canonical", "companies");
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path.join(folder, "odd-20261101T000000Z-1.ndjson"),
    ODD_IDS.map((company_id, index) =>
      JSON.stringify({ company_id, company_name: `Odd ${index}`, status: "Active" }),
    ).join("\n"),
  );
  await runToTheEnd(page, "fjordtech", "bulk");
  for (const [index, id] of ODD_IDS.entries()) {
    const found = await firstOf(
      page,
      `/api/v1/tenants/fjordtech/entities/companies?query=${encodeURIComponent(id.slice(0, 1_000))}`,
    );
    await open(page, `/t/fjordtech/entities/companies/${found["key"] ?? ""}`);
    await expect(page.getByText(`Odd ${index}`).first()).toBeVisible();
  }
});

test("dead letters: cause, list, record with its faulty line lit", async ({ page }) => {
  await open(page, "/dlq");
  await checkPage(page);
  const group = page
    .getByRole("list", { name: /Causes/ })
    .getByRole("link")
    .first();
  const cause = await group.innerText();
  await group.click();
  await expect(page).toHaveURL(/group=/);
  await expect(page.getByRole("heading", { name: cause })).toBeVisible();
  await page
    .getByRole("table", { name: /Dead letters/ })
    .getByRole("link")
    .first()
    .click();
  await page.waitForURL(/\/dlq\/items\//);
  await expect(page.getByRole("region", { name: "Errors", exact: true })).toBeVisible();
  await expect(page.getByRole("region", { name: "Where it came from", exact: true })).toContainText(
    "fingerprint",
  );
  await checkPage(page);
});

test("dead letters: filters are in the address", async ({ page }) => {
  await open(page, "/dlq?tenant=harbor-point");
  await page.getByRole("combobox", { name: "Table" }).click();
  await page.getByRole("option", { name: "tickets" }).click();
  await expect(page).toHaveURL(/table=tickets/);
  await expect(page.getByRole("list", { name: /Causes/ })).not.toContainText("time_entries");
  await page
    .getByRole("group", { name: "Status" })
    .getByRole("button", { name: "Discarded" })
    .click();
  await expect(page.getByRole("heading", { name: /No dead letter matches/ })).toBeVisible();
});
