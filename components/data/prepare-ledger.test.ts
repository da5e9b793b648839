import { describe, expect, it } from "vitest";
import { type LedgerCounts, prepareLedger } from "@/components/data/prepare-ledger";

const counts = (part: Partial<LedgerCounts>): LedgerCounts => ({
  read: 0,
  new: 0,
  changed: 0,
  deleted: 0,
  unchanged: 0,
  duplicate: 0,
  rejected: 0,
  ...part,
});

describe("prepareLedger", () => {
  it("adds the tables and balances", () => {
    const ledger = prepareLedger([
      { name: "companies", open: false, counts: counts({ read: 10, new: 4, unchanged: 6 }) },
      { name: "tickets", open: false, counts: counts({ read: 5, changed: 3, rejected: 2 }) },
    ]);
    expect(ledger.total.counts.read).toBe(15);
    expect(ledger.total.accounted).toBe(15);
    expect(ledger.verdict).toBe("balances");
    expect(ledger.segments.map((segment) => segment.part)).toEqual([
      "new",
      "changed",
      "unchanged",
      "rejected",
    ]);
    expect(ledger.segments.reduce((sum, segment) => sum + segment.share, 0)).toBeCloseTo(1);
  });

  it("shows what is missing", () => {
    const ledger = prepareLedger([
      { name: "tickets", open: false, counts: counts({ read: 10, new: 9 }) },
    ]);
    expect(ledger.verdict).toBe("unbalanced");
    expect(ledger.total.difference).toBe(1);
    expect(ledger.segments.at(-1)).toEqual({ part: "missing", rows: 1, share: 0.1 });
  });

  it("does not let a surplus hide a gap", () => {
    const ledger = prepareLedger([
      { name: "a", open: false, counts: counts({ read: 10, new: 9 }) },
      { name: "b", open: false, counts: counts({ read: 10, new: 11 }) },
    ]);
    expect(ledger.total.difference).toBe(0);
    expect(ledger.verdict).toBe("unbalanced");
  });

  it("waits while a table is open", () => {
    const ledger = prepareLedger([{ name: "a", open: true, counts: counts({ read: 10, new: 4 }) }]);
    expect(ledger.verdict).toBe("so-far");
    expect(prepareLedger([]).verdict).toBe("empty");
  });

  it("does not call rows that were held back a difference", () => {
    const held = { name: "a", open: false, stopped: true, counts: counts({ read: 10, new: 4 }) };
    expect(prepareLedger([held]).verdict).toBe("stopped");
    const whole = { name: "b", open: false, counts: counts({ read: 10, new: 9 }) };
    expect(prepareLedger([held, whole]).verdict).toBe("unbalanced");
  });
});
