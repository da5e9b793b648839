import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Bundle, bundle } from "../lib/bundle.ts";
import { FUNCTIONS } from "../lib/functions.ts";
import { URL } from "./template.ts";

const entries = Object.values(FUNCTIONS).map(({ entry }) => entry);
const infra = path.resolve(import.meta.dirname, "..");
let out: string;
let bundles: ReadonlyMap<string, Bundle>;

beforeAll(() => {
  out = mkdtempSync(path.join(tmpdir(), "avesa-bundle-"));
  bundles = bundle(entries, path.join(out, "build"));
});

afterAll(() => {
  rmSync(out, { recursive: true, force: true });
});

describe.each(entries)("the bundle of %s", (entry) => {
  it("is small, and has neither the embedded engine nor the screen in it", () => {
    const { bytes, sources } = bundles.get(entry) ?? { bytes: 0, sources: [] };
    expect(sources).toContain(`server/lambda/${entry}.ts`);
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThan(5_000_000);
    const strangers = sources.filter((file) =>
      /node_modules\/(@?chdb|ffi-rs|next|react|@yuuang)\b|^(app|components)\//.test(file),
    );
    expect(strangers).toEqual([]);
  });

  it("loads without packages beside it, and exports a handler", () => {
    const file = path.join(bundles.get(entry)?.folder ?? "", "index.mjs");
    const program = `import(${JSON.stringify(file)}).then((made) => console.log(typeof made.handler))`;
    const run = spawnSync(process.execPath, ["-e", program], { cwd: out, encoding: "utf8" });
    expect({ stdout: run.stdout, stderr: run.stderr }).toEqual({
      stdout: "function\n",
      stderr: "",
    });
  });
});

describe("the app", () => {
  it("synthesises without a network: every function's code is there, and no secret", () => {
    const synth = spawnSync(process.execPath, ["--import", "tsx", "app.ts"], {
      cwd: infra,
      encoding: "utf8",
      env: {
        PATH: process.env["PATH"],
        CDK_OUTDIR: path.join(out, "cdk.out"),
        CDK_CONTEXT_JSON: JSON.stringify({ clickHouseUrl: URL }),
      },
    });
    expect(synth.stderr).toBe("");
    expect(synth.status).toBe(0);
    const folder = path.join(out, "cdk.out");
    const template = readFileSync(
      path.join(folder, "avesa-data-movement-production.template.json"),
      "utf8",
    );
    expect(template).not.toMatch(/"(password|Password|SecretString)":/);
    const assets = readdirSync(folder).filter((name) => name.startsWith("asset."));
    expect(assets).toHaveLength(entries.length);
    for (const asset of assets)
      expect(existsSync(path.join(folder, asset, "index.mjs"))).toBe(true);
  });

  it("says what is missing", () => {
    const synth = spawnSync(process.execPath, ["--import", "tsx", "app.ts"], {
      cwd: infra,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], CDK_OUTDIR: path.join(out, "none") },
    });
    expect(synth.status).toBe(1);
    expect(synth.stderr).toContain("clickHouseUrl: is missing");
  });
});
