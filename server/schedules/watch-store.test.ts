import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { until } from "@/test/support/until";
import { type StoreWatch, watchStore } from "./watch-store";

let root: string;
let watching: StoreWatch | undefined;
let landed: string[];

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "avesa-watch-"));
  landed = [];
});
afterEach(async () => {
  watching?.close();
  await rm(root, { recursive: true, force: true });
});

async function begin(): Promise<void> {
  watching = watchStore(
    root,
    (tenantId) => landed.push(tenantId),
    (reason) => landed.push(`failed: ${reason}`),
  );
  await watching.ready;
}

async function folder(...parts: string[]): Promise<string> {
  const directory = path.join(root, ...parts);
  await mkdir(directory, { recursive: true });
  return directory;
}

const seen = (tenantId: string): Promise<void> =>
  until(`something of ${tenantId} was seen`, () => landed.includes(tenantId), 5_000);

describe("watching a store", () => {
  it("sees an object under its final name, and not the draft before it", async () => {
    const tickets = await folder("acme", "canonical", "tickets");
    await begin();
    await writeFile(path.join(tickets, "a.ndjson.tmp"), "{}\n");
    await writeFile(path.join(tickets, ".hidden"), "");
    const other = await folder("zeta", "canonical", "tickets");
    await seen("zeta");
    expect(landed).not.toContain("acme");
    await rename(path.join(tickets, "a.ndjson.tmp"), path.join(tickets, "a.ndjson"));
    await seen("acme");
    landed.splice(0);
    await writeFile(path.join(other, "b.ndjson"), "{}\n");
    await seen("zeta");
  });

  it("sees tenants, tables and extracts that come later", async () => {
    await begin();
    const contacts = await folder("late", "canonical", "contacts");
    await seen("late");
    landed.splice(0);
    const extract = await folder("late", "canonical", "contacts", "full", "20261122T000000Z");
    await writeFile(path.join(extract, "part-1.ndjson"), "{}\n");
    await seen("late");
    landed.splice(0);
    await writeFile(path.join(extract, "_SUCCESS"), "");
    await seen("late");
    landed.splice(0);
    await writeFile(path.join(contacts, "c.ndjson"), "{}\n");
    await seen("late");
    expect(new Set(landed)).toEqual(new Set(["late"]));
  });

  it("does not look at what is no part of the store, nor at complete extracts", async () => {
    const raw = await folder("acme", "raw", "tickets");
    const extract = await folder("acme", "canonical", "tickets", "full", "20261122T000000Z");
    await writeFile(path.join(extract, "_SUCCESS"), "");
    const odd = await folder("Not A Tenant", "canonical", "tickets");
    await begin();
    await writeFile(path.join(raw, "a.ndjson"), "{}\n");
    await writeFile(path.join(extract, "late.ndjson"), "{}\n");
    await writeFile(path.join(odd, "a.ndjson"), "{}\n");
    await folder("zeta", "canonical");
    await seen("zeta");
    expect(new Set(landed)).toEqual(new Set(["zeta"]));
  });

  it("lives on where a directory goes", async () => {
    await folder("gone", "canonical", "tickets");
    await folder("acme", "canonical", "tickets");
    await begin();
    await rm(path.join(root, "gone"), { recursive: true });
    await writeFile(path.join(root, "acme", "canonical", "tickets", "a.ndjson"), "{}\n");
    await seen("acme");
    expect(landed).toContain("acme");
  });
});
