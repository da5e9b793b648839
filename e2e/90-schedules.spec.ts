import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { renameSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect, type Page, test } from "@playwright/test";

import { account, storeDir } from "./support/accounts";
import { endOf, ensureLoaded } from "./support/loads";
import { expectAccessible, expectNarrow, open } from "./support/pages";
import { signIn } from "./support/sign-in";

// The console of these tests starts nothing by itself; here a worker beside it does. What comes after this file must not
// mind that, or has an installation of its own.
const TENANT = "bergmann-it";
const SETTINGS = `/t/${TENANT}/settings`;

interface Settings {
  check: { outcome: string; runId: string; cause: string } | null;
  scheduler: { alive: boolean; landing: string } | null;
  retentionDays: number;
}

async function settingsOf(page: Page): Promise<Settings> {
  return (await (await page.request.get(`/api/v1/tenants/${TENANT}/settings`)).json()) as Settings;
}

test("a schedule is changed, refused with the field's own words, and says when it is next", async ({
  page,
}) => {
  test.slow();
  await signIn(page);
  await ensureLoaded(page, TENANT);
  await open(page, `/t/${TENANT}`);
  await page.getByRole("main").getByRole("link", { name: "Settings", exact: true }).click();
  await page.waitForURL(SETTINGS);
  const form = page.getByRole("form", { name: "Settings" });
  await expect(form).toBeVisible();
  await expect(
    page.getByRole("region", { name: "Next increments" }).getByRole("listitem"),
  ).toHaveCount(3);
  await expectAccessible(page);
  await expectNarrow(page);

  const every = form.getByLabel("Every", { exact: true });
  await every.fill("0");
  await form.getByLabel("Tables at once").fill("many");
  await form.getByRole("button", { name: "Save settings" }).click();
  await expect(form.getByText("At least 1.")).toBeVisible();
  await expect(form.getByText("Give a whole number.")).toBeVisible();
  await expect(every).toHaveAttribute("aria-invalid", "true");
  await expectAccessible(page);

  // Retention is saved by itself and leaves what is typed above.
  const retention = page.getByRole("form", { name: "Retention of dead letters" });
  const kept = retention.getByLabel("Kept for");
  await kept.fill("0");
  await retention.getByRole("button", { name: "Save retention" }).click();
  await expect(retention.getByText("At least 1.")).toBeVisible();
  await kept.fill("30");
  await retention.getByRole("button", { name: "Save retention" }).click();
  await expect(page.getByText("Retention saved")).toBeVisible();
  await expect(kept).toHaveValue("30");
  expect(await settingsOf(page)).toMatchObject({ retentionDays: 30 });

  await every.fill("5");
  await form.getByLabel("Tables at once").fill("2");
  await form.getByRole("button", { name: "Save settings" }).click();
  await expect(page.getByText("Settings saved")).toBeVisible();
  await expect(page.getByText(/next increment at \d\d:\d\d, in [0-4]?\d?[ms]/)).toBeVisible();

  await form.getByRole("combobox", { name: "Kind of schedule" }).click();
  await page.getByRole("option", { name: "At times of a cron expression" }).click();
  const cron = form.getByLabel("Cron expression");
  await cron.fill("0 99 * * *");
  await form.getByRole("button", { name: "Save settings" }).click();
  await expect(form.getByText(/Not a cron expression: .*hour/)).toBeVisible();
  await cron.fill("30 5 * * *");
  await expect(form.getByText(/Next: .*05:30.* Berlin/)).toBeVisible();
  await form.getByRole("button", { name: "Save settings" }).click();
  await expect(page.getByText(/next increment at .*05:30/)).toBeVisible();
  await expectAccessible(page);
});

test("an operator pauses a tenant with a reason, everybody sees it, and resumes it", async ({
  page,
}) => {
  // Three looks with axe, light and dark, and an account that is made beforehand.
  test.slow();
  await signIn(page, await account("operator"));
  await ensureLoaded(page, TENANT);
  await open(page, SETTINGS);
  // The schedule itself is the administrator's.
  await expect(page.getByRole("button", { name: /Save settings/ })).toHaveAccessibleDescription(
    "Needs the admin role",
  );
  await page.getByRole("button", { name: "Pause" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("Their source is being moved");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Pause tenant" }).click();
  await expect(
    page.getByText(
      /nothing starts by itself; paused by the-operator .*: Their source is being moved/,
    ),
  ).toBeVisible();
  await expect(page.getByText("None while it is paused.")).toBeVisible();
  await open(page, "/");
  const row = page.getByRole("row").filter({ hasText: "Bergmann IT-Service" });
  await expect(row).toContainText("paused");
  await expectAccessible(page);

  await open(page, SETTINGS);
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByText(/next increment at/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
});

test("a viewer reads the settings and changes nothing", async ({ page }) => {
  await signIn(page, await account("viewer"));
  await open(page, SETTINGS);
  await expect(page.getByRole("button", { name: /Pause/ })).toHaveAttribute(
    "aria-disabled",
    "true",
  );
  for (const name of [/Save settings/, /Save retention/])
    await expect(page.getByRole("button", { name })).toHaveAttribute("aria-disabled", "true");
  const refused = await page.request.post(`/api/v1/tenants/${TENANT}/dlq/retention`, {
    data: { days: 1 },
  });
  expect(refused.status()).toBe(403);
});

test.describe("with a worker that starts increments", () => {
  let worker: ChildProcess | undefined;

  test.afterEach(async () => {
    if (worker === undefined || worker.exitCode !== null) return;
    const ended = once(worker, "exit");
    worker.kill("SIGTERM");
    await ended;
  });

  test("an object that lands becomes a run by itself", async ({ page }) => {
    test.slow();
    await signIn(page);
    await ensureLoaded(page, TENANT);
    const root = path.resolve(import.meta.dirname, "..");
    const { AVESA_SCHEDULES: _off, ...env } = process.env;
    worker = spawn(
      process.execPath,
      ["scripts/avesa.mjs", "work", "--data", path.dirname(storeDir)],
      { cwd: root, stdio: "ignore", env: { ...env, LOG_LEVEL: "warn" } },
    );
    await expect
      .poll(async () => (await settingsOf(page)).scheduler, { timeout: 60_000 })
      .toMatchObject({ alive: true, landing: "watch" });
    await expect
      .poll(async () => (await settingsOf(page)).check !== null, { timeout: 30_000 })
      .toBe(true);
    await open(page, SETTINGS);
    await expect(page.getByText(/directory is watched/)).toBeVisible();

    const file = path.join(storeDir, TENANT, "canonical", "companies", "landed-by-itself.ndjson");
    writeFileSync(
      `${file}.tmp`,
      `${JSON.stringify({ company_id: "landed-1", company_name: "Landed GmbH", status: "Active" })}\n`,
    );
    renameSync(`${file}.tmp`, file);
    await expect
      .poll(async () => (await settingsOf(page)).check, { timeout: 30_000 })
      .toMatchObject({ outcome: "started", cause: "event" });
    const { check } = await settingsOf(page);
    expect(await endOf(page, check?.runId ?? "")).toBe("succeeded");
    await open(page, `/runs/${check?.runId ?? ""}`);
    await expect(page.getByText("asked for by a landed object").first()).toBeVisible();
    await open(page, `/t/${TENANT}/entities/companies/landed-1`);
    await expect(page.getByText("Landed GmbH").first()).toBeVisible();
  });
});
