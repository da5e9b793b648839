import { addressOf, type ReadInput } from "@/lib/contracts/address-of";
import type { AnyRead } from "./any-read";

/** The cache key of a read: its address, which is the same for equal inputs on the server and in the browser. */
export function readKey(contract: AnyRead, input: ReadInput): readonly [string, string] {
  return [contract.path, addressOf(contract, input)];
}
