import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { root } from "./project.mjs";
import { runNode } from "./run.mjs";

const SOURCES = [
  "app",
  "components",
  "lib",
  "server",
  "public",
  "proxy.ts",
  "instrumentation.ts",
  "next.config.js",
  "postcss.config.mjs",
  "tsconfig.json",
  "package.json",
  "package-lock.json",
];
const stampFile = path.join(root, ".next", "avesa-sources");

/** @param {string} relative @returns {string[]} */
function filesOf(relative) {
  const absolute = path.join(root, relative);
  if (!existsSync(absolute)) return [];
  let entries;
  try {
    entries = readdirSync(absolute, { withFileTypes: true });
  } catch (error) {
    if (error.code === "ENOTDIR") return [relative];
    throw error;
  }
  return entries.flatMap((entry) => {
    const child = `${relative}/${entry.name}`;
    if (entry.isDirectory()) return filesOf(child);
    return entry.name.endsWith(".test.ts") ? [] : [child];
  });
}

function sourcesHash() {
  const hash = createHash("sha256");
  for (const file of SOURCES.flatMap(filesOf).sort()) {
    const content = readFileSync(path.join(root, file));
    hash.update(`${file}\n${content.length}\n`).update(content);
  }
  return hash.digest("hex");
}

function builtFrom() {
  if (!existsSync(path.join(root, ".next", "BUILD_ID")) || !existsSync(stampFile)) return undefined;
  return readFileSync(stampFile, "utf8");
}

/** Builds the console where the build is missing or its sources have changed since. @returns {Promise<boolean>} done */
export async function buildIfStale() {
  const wanted = sourcesHash();
  if (builtFrom() === wanted) return true;
  process.stderr.write("Building the console (next build)…\n");
  rmSync(stampFile, { force: true });
  const code = await runNode(["node_modules/next/dist/bin/next", "build"], {
    stdio: ["ignore", 2, 2],
    env: { NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
  });
  if (code !== 0) return false;
  writeFileSync(stampFile, wanted);
  return true;
}
