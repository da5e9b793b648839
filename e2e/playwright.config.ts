import { rmSync } from "node:fs";
import path from "node:path";

import { defineConfig } from "@playwright/test";

import { findBrowser } from "./support/browser.mjs";
import { ADMIN, PORT } from "./support/console";

const root = path.resolve(import.meta.dirname, "..");
const dataDir = path.join(root, ".build", "e2e-data");
const baseURL = `http://localhost:${PORT}`;

// Workers read this file too; only the first reader starts from an empty installation.
if (process.env["TEST_WORKER_INDEX"] === undefined)
  rmSync(dataDir, { recursive: true, force: true });

const browser = await findBrowser();

export default defineConfig({
  testDir: ".",
  testMatch: "**/*.spec.ts",
  outputDir: path.join(root, ".build", "e2e-results"),
  // One console and one operator: tests come one after another.
  workers: 1,
  forbidOnly: process.env["CI"] !== undefined,
  // A test that passes only the second time is named at the end of `npm test`.
  retries: 1,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [
    ["list"],
    ["json", { outputFile: process.env["E2E_REPORT"] ?? path.join(root, ".build", "e2e.json") }],
  ],
  use: {
    baseURL,
    browserName: "chromium",
    timezoneId: "Europe/Berlin",
    locale: "en-GB",
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      ...(browser.executablePath === undefined ? {} : { executablePath: browser.executablePath }),
      args: browser.args,
      env: { ...(process.env as Record<string, string>), ...browser.env },
    },
  },
  webServer: {
    command: `node scripts/avesa.mjs up --data ${dataDir} --port ${PORT}`,
    cwd: root,
    url: `${baseURL}/api/healthz`,
    timeout: 120_000,
    reuseExistingServer: false,
    gracefulShutdown: { signal: "SIGTERM", timeout: 30_000 },
    stdout: "pipe",
    stderr: "pipe",
    env: {
      AVESA_ADMIN_PASSWORD: ADMIN.password,
      AVESA_DEMO: "on",
      // Nothing starts by itself; 90-schedules starts what does.
      AVESA_SCHEDULES: "off",
      NEXTAUTH_URL: baseURL,
      CANONICAL_STORE: "",
      CLICKHOUSE_URL: "",
      LOG_LEVEL: "warn",
    },
  },
});
