import { expect, it } from "vitest";
import { RejectThresholdError } from "@/server/scd2/audit";
import { rejectStop } from "./reject-stop";

it("reads the counts out of the engine's own words", () => {
  const { message } = new RejectThresholdError(215, 300, 10);
  expect(rejectStop(message)).toEqual({ rejected: 215, read: 300 });
  expect(rejectStop("The object is damaged.")).toBeUndefined();
});
