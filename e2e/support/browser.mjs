// Finds a browser for the tests on any machine; the last resort is unpacked from an npm package.

import { execFileSync } from "node:child_process";
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

const INSTALLED = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

const QUIET = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const require = createRequire(import.meta.url);

/**
 * @typedef {object} Browser
 * @property {string} origin where it comes from, in words
 * @property {string | undefined} executablePath undefined: Playwright's own
 * @property {string[]} args
 * @property {Record<string, string>} env what its process needs beside the usual
 */

/**
 * E2E_CHROMIUM, then Playwright's own download, then one installed on the machine, then the packaged one.
 *
 * @returns {Promise<Browser>}
 */
export async function findBrowser() {
  const args = process.getuid?.() === 0 ? [...QUIET, "--no-sandbox"] : QUIET;
  const named = process.env.E2E_CHROMIUM;
  if (named !== undefined && named !== "") {
    if (!existsSync(named)) throw new Error(`E2E_CHROMIUM names ${named}, which is not there.`);
    return { origin: "E2E_CHROMIUM", executablePath: named, args, env: {} };
  }
  const { chromium } = require("playwright-core");
  if (existsSync(chromium.executablePath())) {
    return { origin: "Playwright's download", executablePath: undefined, args, env: {} };
  }
  const installed = INSTALLED.find((file) => existsSync(file));
  if (installed !== undefined)
    return { origin: installed, executablePath: installed, args, env: {} };
  if (process.platform === "linux" && process.arch === "x64") {
    const folder = await unpackPackaged();
    return {
      origin: "the package @sparticuz/chromium",
      executablePath: path.join(folder, "chromium"),
      args,
      env: packagedEnv(folder),
    };
  }
  throw new Error(
    "No browser for the tests. Run: npx playwright install chromium, or set E2E_CHROMIUM to a Chromium or Chrome.",
  );
}

/** Unpacks the packaged browser once per version and user. @returns {Promise<string>} its folder */
async function unpackPackaged() {
  const entry = require.resolve("@sparticuz/chromium");
  const home = entry.slice(0, entry.lastIndexOf(`${path.sep}build${path.sep}`));
  const { version } = JSON.parse(readFileSync(path.join(home, "package.json"), "utf8"));
  const folder = path.join(tmpdir(), `avesa-chromium-${version}-${process.getuid?.() ?? 0}`);
  if (existsSync(folder)) return folder;

  process.stderr.write("Unpacking a browser for the tests…\n");
  const draft = mkdtempSync(`${folder}-`);
  const { extract } = createRequire(entry)("tar-fs");
  const unpack = (name, target) =>
    pipeline(createReadStream(path.join(home, "bin", name)), createBrotliDecompress(), target);
  await Promise.all([
    unpack("chromium.br", createWriteStream(path.join(draft, "chromium"), { mode: 0o755 })),
    unpack("swiftshader.tar.br", extract(draft)),
    unpack("al2023.tar.br", extract(path.join(draft, "libraries"))),
    unpack("fonts.tar.br", extract(path.join(draft, "fonts"))),
  ]);
  // The package's own list names folders of another machine.
  mkdirSync(path.join(draft, "fontconfig"));
  writeFileSync(
    path.join(draft, "fontconfig", "fonts.conf"),
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${folder}/font-cache</cachedir>
</fontconfig>
`,
  );
  try {
    renameSync(draft, folder);
  } catch (error) {
    // Somebody else was faster; theirs is as good.
    if (!existsSync(folder)) throw error;
    rmSync(draft, { recursive: true, force: true });
  }
  return folder;
}

/** @param {string} folder @returns {Record<string, string>} */
function packagedEnv(folder) {
  const env = { FONTCONFIG_PATH: path.join(folder, "fontconfig"), FONTCONFIG_FILE: "fonts.conf" };
  if (hasLibraries(path.join(folder, "chromium"))) return env;
  // The package's copies, for machines that have none of their own.
  const libraries = path.join(folder, "libraries", "lib");
  const own = process.env.LD_LIBRARY_PATH;
  return {
    ...env,
    LD_LIBRARY_PATH: own === undefined || own === "" ? libraries : `${libraries}:${own}`,
  };
}

/** Whether the machine has all libraries that a program is linked to. @param {string} program */
function hasLibraries(program) {
  try {
    return !execFileSync("ldd", [program], { encoding: "utf8", stdio: "pipe" }).includes(
      "not found",
    );
  } catch {
    // ldd fails itself where a library is there but unusable.
    return false;
  }
}
