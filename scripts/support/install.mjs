import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

import { root } from "./project.mjs";
import { run } from "./run.mjs";

const lockFile = path.join(root, "package-lock.json");
const installedFile = path.join(root, "node_modules", ".package-lock.json");
const stampFile = path.join(root, "node_modules", ".avesa-lock");

function lockHash() {
  return createHash("sha256").update(readFileSync(lockFile)).digest("hex");
}

/** True where node_modules is what the lock file says. */
export function isInstalled() {
  if (!existsSync(installedFile)) return false;
  if (existsSync(stampFile)) return readFileSync(stampFile, "utf8") === lockHash();
  // Installed by hand, by "npm ci" or "npm install": then it is newer than the lock.
  return statSync(installedFile).mtimeMs >= statSync(lockFile).mtimeMs;
}

/** Installs packages where they are missing or older than the lock file; what npm says goes to standard error. */
export async function install() {
  if (isInstalled()) return;
  process.stderr.write("Installing packages (npm ci)…\n");
  const args = ["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund"];
  const npm = process.env.npm_execpath;
  const code =
    npm !== undefined && /npm-cli\.c?js$/.test(npm)
      ? await run(process.execPath, [npm, ...args], { stdio: ["ignore", 2, 2] })
      : await run("npm", args, { stdio: ["ignore", 2, 2] });
  if (code !== 0) {
    process.stderr.write("The packages could not be installed; npm says why above.\n");
    process.exit(1);
  }
  writeFileSync(stampFile, lockHash());
}
