import path from "node:path";
import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

const root = path.dirname(fileURLToPath(import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@\//, replacement: `${root}/` },
      // Outside of Next there is no boundary to guard; the package itself would refuse to load.
      { find: /^server-only$/, replacement: path.join(root, "test/support/server-only.ts") },
    ],
  },
  test: {
    include: ["**/*.test.ts"],
    exclude: ["node_modules/**", ".next/**", "infra/**", "e2e/**"],
    globalSetup: ["test/support/global-setup.ts"],
    // One ClickHouse serves all files; more workers than cores would only wait for it.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    restoreMocks: true,
    env: { TZ: "UTC", LOG_LEVEL: "fatal" },
  },
});
