import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

import { root } from "./project.mjs";
import { run } from "./run.mjs";

/** @param {string} folder */
function filesOf(folder) {
  return {
    lockFile: path.join(folder, "package-lock.json"),
    installedFile: path.join(folder, "node_modules", ".package-lock.json"),
    stampFile: path.join(folder, "node_modules", ".avesa-lock"),
  };
}

/** @param {string} lockFile */
function lockHash(lockFile) {
  return createHash("sha256").update(readFileSync(lockFile)).digest("hex");
}

/** True where node_modules is what the lock file says. @param {string} [folder] of a package.json; default: the project's */
export function isInstalled(folder = root) {
  const { lockFile, installedFile, stampFile } = filesOf(folder);
  if (!existsSync(installedFile)) return false;
  if (existsSync(stampFile)) return readFileSync(stampFile, "utf8") === lockHash(lockFile);
  // Installed by hand, by "npm ci" or "npm install": then it is newer than the lock.
  return statSync(installedFile).mtimeMs >= statSync(lockFile).mtimeMs;
}

/**
 * Installs packages where they are missing or older than the lock file; what npm says goes to standard error.
 *
 * @param {string} [folder] of a package.json; default: the project's
 */
export async function install(folder = root) {
  if (isInstalled(folder)) return;
  const { lockFile, stampFile } = filesOf(folder);
  const where = path.relative(root, folder);
  process.stderr.write(`Installing packages${where === "" ? "" : ` of ${where}`} (npm ci)…\n`);
  const args = ["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund"];
  const npm = process.env.npm_execpath;
  const code =
    npm !== undefined && /npm-cli\.c?js$/.test(npm)
      ? await run(process.execPath, [npm, ...args], { cwd: folder, stdio: ["ignore", 2, 2] })
      : await run("npm", args, { cwd: folder, stdio: ["ignore", 2, 2] });
  if (code !== 0) {
    process.stderr.write("The packages could not be installed; npm says why above.\n");
    process.exit(1);
  }
  writeFileSync(stampFile, lockHash(lockFile));
}
