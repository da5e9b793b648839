import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "..");

/** Routes for anybody: whoever signs in is nobody yet, and health says no more than whether it works. */
const OPEN: readonly string[] = ["app/api/auth/[...nextauth]/route.ts", "app/api/healthz/route.ts"];

/** Routes that ask for themselves: messages without an end cannot be an operation with a reply. */
const OWN_CHECK: Readonly<Record<string, RegExp>> = {
  "app/api/v1/stream/route.ts": /await requirePermission\(/,
};

const files = readdirSync(path.join(ROOT, "app"), { recursive: true, encoding: "utf8" })
  .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file))
  .map((file) => {
    const name = path.join("app", file);
    return { name, text: readFileSync(path.join(ROOT, name), "utf8") };
  });

describe("every door goes through the pipeline", () => {
  const routes = files.filter(({ name }) => name.endsWith("/route.ts"));

  const checked = routes.filter(({ name }) => !OPEN.includes(name));

  it("finds the routes", () => {
    expect(routes.length).toBeGreaterThan(3);
    expect(
      [...OPEN, ...Object.keys(OWN_CHECK)].filter(
        (name) => !routes.some((route) => route.name === name),
      ),
    ).toEqual([]);
  });

  it.each(checked.map(({ name, text }) => [name, text] as const))("%s", (name, text) => {
    const methods = text.match(/^export\b.*\b(?:GET|POST|PUT|PATCH|DELETE)\b.*$/gm) ?? [];
    const served =
      methods.length > 0 &&
      methods.every((line) => /^export const (?:GET|POST) = serve\(/.test(line));
    expect(served || OWN_CHECK[name]?.test(text)).toBe(true);
  });

  it.each(
    files
      .filter(({ text }) => /^\s*["']use server["']/m.test(text))
      .map(({ name, text }) => [name, text] as const),
  )("%s", (_name, text) => {
    // A function in such a file is an endpoint for everybody as soon as it is exported.
    const exports = text.match(/^export\b(?! type\b)[^\n]*/gm) ?? [];
    const actions = text.split(/^(?=export\b)/m).slice(1);
    const guarded = actions.filter((action) =>
      /^export async function \w+Action\([\s\S]*\{\s*return act\([^;]*;\s*\}/.test(action),
    );
    expect(guarded).toHaveLength(exports.length);
  });
});

describe("every page of the console asks who it is for", () => {
  const pages = files.filter(
    ({ name }) => name.startsWith("app/(console)/") && name.endsWith("/page.tsx"),
  );

  it.each(pages.map(({ name, text }) => [name, text] as const))("%s", (_name, text) => {
    expect(text).toMatch(/\b(?:openPage|openTenantPage)\(/);
  });
});
