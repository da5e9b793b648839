import { ulid } from "ulid";
import { afterAll, beforeAll, expect, it } from "vitest";

import { stopHeartbeat } from "@/server/runs/lease";
import type { Place, PlaceClaim } from "@/server/runs/places";
import { SharedPlaces } from "@/server/runs/shared-places";

import { type TestDb, testDb } from "./support/clickhouse";

let test: TestDb;
beforeAll(async () => {
  test = await testDb();
});
afterAll(async () => {
  stopHeartbeat();
  await test.close();
});

const claim = (): PlaceClaim => ({ runId: ulid(), tenantId: "acme", weight: 2, tenantLimit: 6 });
const signal = new AbortController().signal;
const LONG_MS = 20_000;

it("has so many places over all who ask, and gives a free one to who waits", async () => {
  // Each function has an object of its own; what they share is in ClickHouse.
  const take = async (until: number): Promise<Place | undefined> =>
    new SharedPlaces(test.db, 2, 50, 0).take(claim(), signal, until);
  const held = [await take(Date.now()), await take(Date.now())];
  expect(held).not.toContain(undefined);
  expect(await take(Date.now())).toBeUndefined();

  const waiting = take(Date.now() + LONG_MS);
  await held[0]?.release();
  const third = await waiting;
  expect(third).toBeDefined();

  // Between two batches a place goes to who waits for it, and the table waits in turn.
  const fourth = take(Date.now() + LONG_MS);
  const next = held[1]?.nextTurn(Date.now() + LONG_MS);
  const given = await fourth;
  expect(given).toBeDefined();
  await given?.release();
  await next;
  await third?.release();
  await held[1]?.release();
  const all = [await take(Date.now()), await take(Date.now())];
  expect(all).not.toContain(undefined);
  for (const place of all) await place?.release();
});

it("stops waiting when its run is stopped", async () => {
  const places = new SharedPlaces(test.db, 1);
  const only = await places.take(claim(), signal, Date.now());
  const stopped = new AbortController();
  const waiting = places.take(claim(), stopped.signal, Date.now() + LONG_MS);
  stopped.abort(new Error("Cancelled."));
  await expect(waiting).rejects.toThrow(/Cancelled|aborted/);
  await only?.release();
});
