import { STORE_KINDS, openStore } from "../support/store-fixture";
import { describeStore } from "../support/store-suite";

for (const kind of STORE_KINDS) describeStore(`a store of kind ${kind}`, () => openStore(kind));
