import { rmSync } from "node:fs";
import path from "node:path";

import { type Metafile, buildSync } from "esbuild";

/** The console's project, whose code the functions carry. */
export const project = path.resolve(import.meta.dirname, "..", "..");

export interface Bundle {
  /** A folder with `index.mjs` in it. */
  readonly folder: string;
  readonly bytes: number;
  /** The files it is made of, from the project's root. */
  readonly sources: readonly string[];
}

/**
 * Bundles entries of `server/lambda`, each into a folder of its own, with all packages it uses: what runs is what the lock
 * files name, whatever the runtime brings along.
 *
 * @param entries names of files in server/lambda, without `.ts`
 * @param outFolder where the folders are made; what is there is removed
 * @throws where an entry is missing or cannot be bundled; esbuild's words
 */
export function bundle(entries: readonly string[], outFolder: string): ReadonlyMap<string, Bundle> {
  rmSync(outFolder, { recursive: true, force: true });
  const { metafile } = buildSync({
    absWorkingDir: project,
    entryPoints: Object.fromEntries(
      entries.map((entry) => [`${entry}/index`, `server/lambda/${entry}.ts`]),
    ),
    outdir: outFolder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    minify: true,
    keepNames: true,
    metafile: true,
    platform: "node",
    target: "node22",
    format: "esm",
    tsconfig: path.join(project, "tsconfig.json"),
    // As in the console's server: it makes the package `server-only` harmless.
    conditions: ["react-server"],
    // Packages written for CommonJS ask for Node's own modules by require.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    legalComments: "none",
    logLevel: "silent",
  });
  return new Map(entries.map((entry) => [entry, bundleOf(metafile, entry, outFolder)]));
}

function bundleOf({ outputs }: Metafile, entry: string, outFolder: string): Bundle {
  const found = Object.entries(outputs).find(([file]) => file.endsWith(`/${entry}/index.mjs`));
  if (found === undefined) throw new Error(`esbuild made no bundle of ${entry}.`);
  const [, output] = found;
  return {
    folder: path.join(outFolder, entry),
    bytes: output.bytes,
    sources: Object.keys(output.inputs),
  };
}
