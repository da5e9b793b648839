import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const PACKAGES = {
  "linux-x64": "@chdb/lib-linux-x64-gnu",
  "linux-arm64": "@chdb/lib-linux-arm64-gnu",
  "darwin-x64": "@chdb/lib-darwin-x64",
  "darwin-arm64": "@chdb/lib-darwin-arm64",
};

const REMEDY =
  "Set CLICKHOUSE_URL (with CLICKHOUSE_USER and CLICKHOUSE_PASSWORD) to a ClickHouse server to use instead.";

/** The embedded engine cannot run on this machine; the message says why and what to do. */
export class LibraryUnavailableError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "LibraryUnavailableError";
  }
}

/** True where the C library is musl (Alpine and the like): glibc announces its version in the process report. */
function isMusl() {
  if (process.platform !== "linux") return false;
  const report = process.report?.getReport();
  const header = typeof report === "string" ? JSON.parse(report).header : report?.header;
  return header !== undefined && header.glibcVersionRuntime === undefined;
}

/**
 * Finds the engine's shared library for this machine.
 *
 * @param {{ platform?: string, arch?: string, musl?: boolean, resolve?: (id: string) => string }} [machine]
 *   what to look for, by default the machine this runs on; `resolve` finds a package's `package.json`
 * @returns {string} absolute path of `libchdb.so`
 * @throws {LibraryUnavailableError} where there is none
 */
export function findLibrary(machine = {}) {
  const platform = machine.platform ?? process.platform;
  const arch = machine.arch ?? process.arch;
  const musl = machine.musl ?? isMusl();
  const resolve = machine.resolve ?? createRequire(import.meta.url).resolve;

  if (platform === "win32") {
    throw new LibraryUnavailableError(
      `The embedded ClickHouse does not run on Windows. Run the console under WSL 2, or use a server. ${REMEDY}`,
    );
  }
  const name = PACKAGES[`${platform}-${arch}`];
  if (name === undefined) {
    throw new LibraryUnavailableError(
      `The embedded ClickHouse does not exist for ${platform} on ${arch} (it does for Linux and macOS on x64 and arm64). ${REMEDY}`,
    );
  }
  if (platform === "linux" && musl) {
    throw new LibraryUnavailableError(
      `The embedded ClickHouse needs glibc; this Linux uses musl (Alpine does). Use a glibc image such as Debian. ${REMEDY}`,
    );
  }
  let folder;
  try {
    folder = path.dirname(resolve(`${name}/package.json`));
  } catch {
    throw new LibraryUnavailableError(
      `The package ${name}, which brings the embedded ClickHouse, is not installed. Run "npm ci" with optional packages (no --omit=optional). ${REMEDY}`,
    );
  }
  const library = path.join(folder, "libchdb.so");
  if (!existsSync(library)) {
    throw new LibraryUnavailableError(
      `${library} is missing: the package ${name} is incomplete. Remove node_modules and run "npm ci". ${REMEDY}`,
    );
  }
  return library;
}
