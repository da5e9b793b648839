import { describe, expect, it } from "vitest";
import { AT_LEAST_EVERY_MS, Landings, QUIET_MS } from "./landings";

describe("landings", () => {
  it("waits until it is quiet, and counts many as one", () => {
    const landings = new Landings();
    for (let at = 0; at < 500; at += 100) landings.note("acme", at);
    expect(landings.ready(400 + QUIET_MS - 1)).toEqual([]);
    expect(landings.nextReady(500)).toBe(400 + QUIET_MS);
    expect(landings.ready(400 + QUIET_MS)).toEqual(["acme"]);
    landings.take("acme");
    expect(landings.ready(100_000)).toEqual([]);
    expect(landings.nextReady(100_000)).toBeNull();
  });

  it("does not wait for ever where objects land all the time", () => {
    const landings = new Landings();
    let at = 0;
    for (; at <= AT_LEAST_EVERY_MS; at += 200) landings.note("acme", at);
    expect(landings.ready(AT_LEAST_EVERY_MS - 1)).toEqual([]);
    expect(landings.ready(AT_LEAST_EVERY_MS)).toEqual(["acme"]);
  });

  it("keeps tenants apart, the one that waits longest first", () => {
    const landings = new Landings();
    landings.note("b", 0);
    landings.note("a", 10);
    expect(landings.ready(QUIET_MS + 10)).toEqual(["b", "a"]);
  });

  it("takes back what could not be looked at, with what landed meanwhile", () => {
    const landings = new Landings();
    landings.note("acme", 0);
    const putBack = landings.take("acme");
    landings.note("acme", 4_900);
    putBack();
    expect(landings.ready(AT_LEAST_EVERY_MS)).toEqual(["acme"]);
    landings.take("acme")();
    expect(landings.ready(AT_LEAST_EVERY_MS)).toEqual(["acme"]);
  });
});
