import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";

import { DataMovementStack } from "../lib/data-movement-stack.ts";
import type { Bundle } from "../lib/bundle.ts";
import { FUNCTIONS } from "../lib/functions.ts";
import { readSettings } from "../lib/settings.ts";

export const URL = "https://abc.us-east-2.aws.clickhouse.cloud:8443";

/** Folders with an empty program in each: what the functions carry is another test's matter. */
function standIns(root: string): ReadonlyMap<string, Bundle> {
  return new Map(
    Object.values(FUNCTIONS).map(({ entry }) => {
      const folder = mkdtempSync(path.join(root, `${entry}-`));
      writeFileSync(path.join(folder, "index.mjs"), "export const handler = async () => {};\n");
      return [entry, { folder, bytes: 1, sources: [] }];
    }),
  );
}

/** The template of a deployment with these settings. */
export function templateOf(given: Readonly<Record<string, unknown>> = {}): Template {
  const settings = readSettings({ clickHouseUrl: URL, ...given });
  const root = mkdtempSync(path.join(tmpdir(), "avesa-infra-"));
  try {
    const app = new App({ outdir: path.join(root, "out") });
    return Template.fromStack(
      new DataMovementStack(app, "Test", { settings, bundles: standIns(root) }),
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

export interface Resource {
  readonly Type: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- what a template holds has no type of its own
  readonly Properties: any;
  readonly DeletionPolicy?: string;
}

export function resourcesOf(template: Template, type?: string): [string, Resource][] {
  const { Resources } = template.toJSON() as { Resources: Record<string, Resource> };
  return Object.entries(Resources).filter(([, one]) => type === undefined || one.Type === type);
}
