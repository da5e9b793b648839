// What went wrong, read from the reports of the test runners and printed at the very end, where whoever looks at the
// last lines of a long log finds it.
import { stripVTControlCharacters } from "node:util";

const LINES_A_FAILURE = 12;

/** @param {string | undefined} message */
function shortened(message) {
  return stripVTControlCharacters(message ?? "")
    .split("\n")
    .slice(0, LINES_A_FAILURE)
    .map((line) => `    ${line.slice(0, 300)}`)
    .join("\n");
}

/**
 * @param {any} report of vitest, as JSON
 * @returns {string[]} one text a test, or a file that could not be loaded
 */
export function vitestFailures(report) {
  return report.testResults.flatMap((/** @type {any} */ suite) => {
    const failed = suite.assertionResults.filter(
      (/** @type {any} */ test) => test.status === "failed",
    );
    if (suite.status === "failed" && failed.length === 0) {
      return [`${suite.name}\n${shortened(suite.message)}`];
    }
    return failed.map(
      (/** @type {any} */ test) =>
        `${suite.name} › ${test.fullName}\n${shortened(test.failureMessages[0])}`,
    );
  });
}

/**
 * @param {any} report of Playwright, as JSON
 * @returns {string[]} one text a test that failed, or that passed only when it was tried again
 */
export function playwrightFailures(report) {
  /** @type {(suite: any) => string[]} */
  const ofSuite = (suite) => [
    ...(suite.suites ?? []).flatMap(ofSuite),
    ...(suite.specs ?? []).flatMap((/** @type {any} */ spec) =>
      spec.tests
        .filter((/** @type {any} */ test) => ["unexpected", "flaky"].includes(test.status))
        .map((/** @type {any} */ test) => {
          const first = test.results.find(
            (/** @type {any} */ result) => result.status !== "passed",
          );
          const how = test.status === "flaky" ? " (passed when tried again)" : "";
          return `${spec.file}:${spec.line} › ${spec.title}${how}\n${shortened(first?.error?.message)}`;
        }),
    ),
  ];
  return report.suites.flatMap(ofSuite);
}
