// npm test: everything there is to check, in one go. Extra arguments pick steps: npm test -- types lint unit e2e
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";

import { buildIfStale } from "./support/build.mjs";
import { playwrightFailures, vitestFailures } from "./support/failures.mjs";
import { install } from "./support/install.mjs";
import { requireNode, root } from "./support/project.mjs";
import { runNode } from "./support/run.mjs";

requireNode();
await install();

const reports = path.join(root, ".build", "reports");
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @type {string[]} */
const failures = [];

/** @param {string} file @returns {any} */
function readReport(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

/** @param {string} script @param {readonly string[]} args @returns {Promise<Counts>} */
async function check(script, args) {
  const code = await runNode([script, ...args]);
  return { passed: 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

/** @returns {Promise<Counts>} */
async function build() {
  return { passed: 0, failed: (await buildIfStale()) ? 0 : 1, skipped: 0 };
}

/**
 * @param {string} name of its report
 * @param {string} [folder] whose vitest and tests
 * @returns {Promise<Counts>}
 */
async function vitest(name, folder = root) {
  const file = path.join(reports, `${name}.json`);
  const code = await runNode(
    [
      "node_modules/vitest/vitest.mjs",
      "run",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${file}`,
    ],
    { cwd: folder },
  );
  const report = readReport(file);
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  failures.push(...vitestFailures(report));
  // A file that could not even be loaded has no tests to count.
  const broken = report.testResults.filter(
    (suite) => suite.status === "failed" && suite.assertionResults.length === 0,
  ).length;
  const failed = report.numFailedTests + broken;
  return {
    passed: report.numPassedTests,
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** The AWS resources: a package of its own, whose types are checked with its tests. @returns {Promise<Counts>} */
async function infra() {
  const folder = path.join(root, "infra");
  await install(folder);
  const types = await runNode(["node_modules/typescript/bin/tsc", "--noEmit"], { cwd: folder });
  const counts = await vitest("infra", folder);
  return { ...counts, failed: counts.failed + (types === 0 ? 0 : 1) };
}

/** @returns {Promise<Counts>} */
async function e2e() {
  const file = path.join(reports, "playwright.json");
  const code = await runNode(
    ["node_modules/@playwright/test/cli.js", "test", "--config=e2e/playwright.config.ts"],
    {
      env: { E2E_REPORT: file },
    },
  );
  const report = readReport(file);
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  failures.push(...playwrightFailures(report));
  const { stats } = report;
  return {
    passed: stats.expected + stats.flaky,
    failed: code !== 0 && stats.unexpected === 0 ? 1 : stats.unexpected,
    skipped: stats.skipped,
  };
}

// The build comes before the types, for it writes the types of routes.
const steps = [
  { name: "lint", run: () => check("node_modules/oxlint/bin/oxlint", ["--deny-warnings"]) },
  { name: "format", run: () => check("node_modules/oxfmt/bin/oxfmt", ["--check"]) },
  { name: "build", run: build },
  { name: "types", run: () => check("node_modules/typescript/bin/tsc", ["--noEmit"]) },
  { name: "unit", run: () => vitest("vitest") },
  { name: "infra", run: infra },
  { name: "e2e", needs: "build", run: e2e },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no step ${unknown.join(", ")}. Steps: ${steps.map((step) => step.name).join(", ")}.\n`,
  );
  process.exit(2);
}

/** @type {Map<string, Counts & { seconds: number }>} */
const results = new Map();
for (const step of steps) {
  const isWanted =
    wanted.length === 0 ||
    wanted.includes(step.name) ||
    (step.name === "build" && wanted.includes("e2e"));
  if (!isWanted) continue;
  if (step.needs !== undefined && results.get(step.needs)?.failed !== 0) {
    process.stdout.write(`\n=== ${step.name}: not run, for the ${step.needs} failed\n`);
    continue;
  }
  process.stdout.write(`\n=== ${step.name}\n`);
  const begun = Date.now();
  const counts = await step.run();
  results.set(step.name, { ...counts, seconds: Math.round((Date.now() - begun) / 1000) });
}

for (const failure of failures) process.stdout.write(`\n${failure}\n`);

const total = { passed: 0, failed: 0, skipped: 0 };
process.stdout.write("\n");
for (const [name, { passed, failed, skipped, seconds }] of results) {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  process.stdout.write(`${failed === 0 ? "ok    " : "FAILED"}  ${name} (${seconds} s)\n`);
}
process.stdout.write(
  `\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`,
);
process.exitCode = total.failed === 0 ? 0 : 1;
