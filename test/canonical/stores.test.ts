import { describe } from "vitest";

import { STORE_KINDS, openStore } from "../support/store-fixture";
import { storeTests } from "../support/store-suite";

describe.each(STORE_KINDS)("a store of kind %s", (kind) => {
  storeTests(() => openStore(kind));
});
