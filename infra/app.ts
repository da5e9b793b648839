import path from "node:path";

import { App } from "aws-cdk-lib";

import { bundle } from "./lib/bundle.ts";
import { DataMovementStack } from "./lib/data-movement-stack.ts";
import { FUNCTIONS } from "./lib/functions.ts";
import { givenSettings, readSettings } from "./lib/settings.ts";

const app = new App();
const settings = readSettings(givenSettings(app.node.getAllContext()));
const entries = Object.values(FUNCTIONS).map(({ entry }) => entry);
const bundles = bundle(entries, path.join(import.meta.dirname, "build"));
new DataMovementStack(app, `avesa-data-movement-${settings.environment}`, {
  settings,
  bundles,
  description: "AVESA: moves canonical objects into ClickHouse",
});
