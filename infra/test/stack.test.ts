import { readFileSync } from "node:fs";

import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";

import { FUNCTIONS, TASK_FUNCTIONS } from "../lib/functions.ts";
import { DEFINITION_FILE } from "../lib/state-machine.ts";
import { resourcesOf, templateOf } from "./template.ts";

const template = templateOf();

interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly TimeoutSeconds?: number;
  readonly MaxConcurrency?: number;
  readonly Default?: string;
  readonly ItemProcessor?: { readonly States: Record<string, State> };
}

/** All states, those inside of maps too. */
function statesOf(states: Readonly<Record<string, State>>): [string, State][] {
  return Object.entries(states).flatMap(([name, state]) => [
    [name, state] as [string, State],
    ...statesOf(state.ItemProcessor?.States ?? {}),
  ]);
}

describe("the state machine", () => {
  const [[, machine] = []] = resourcesOf(template, "AWS::StepFunctions::StateMachine");
  const definition = JSON.parse(machine?.Properties.DefinitionString) as {
    States: Record<string, State>;
  };
  const states = new Map(statesOf(definition.States));

  it("is the one that runs locally, word for word", () => {
    expect(definition).toEqual(JSON.parse(readFileSync(DEFINITION_FILE, "utf8")));
    expect(states.get("BulkDataMovement")?.MaxConcurrency).toBe(4);
    expect(states.get("IncrementalDataMovement")?.MaxConcurrency).toBe(6);
    expect(states.get("DetermineMovementStrategy")?.Default).toBe("InvalidStrategy");
    expect(states.get("InvalidStrategy")?.Type).toBe("Fail");
  });

  it("finds a function behind every task, which may run as long as the task", () => {
    const substitutions = machine?.Properties.DefinitionSubstitutions as Record<
      string,
      { "Fn::GetAtt": [string, string] }
    >;
    const functions = new Map(resourcesOf(template, "AWS::Lambda::Function"));
    const tasks = [...states.values()].filter((state) => state.Type === "Task");
    expect(tasks.length).toBeGreaterThanOrEqual(6);
    for (const { Resource = "", TimeoutSeconds } of tasks) {
      const name = /^\$\{(\w+)\}$/.exec(Resource)?.[1] ?? Resource;
      const [id, attribute] = substitutions[name]?.["Fn::GetAtt"] ?? [];
      expect({ name, attribute }).toEqual({ name, attribute: "Arn" });
      expect(functions.get(id ?? "")?.Properties.Timeout).toBe(TimeoutSeconds);
    }
    expect(Object.keys(substitutions).sort()).toEqual(
      TASK_FUNCTIONS.map((name) => `${name}FunctionArn`).sort(),
    );
  });
});

describe("the functions", () => {
  it.each(Object.entries(FUNCTIONS))(
    "%s has a role, a log and settings of its own, and no secret in them",
    (id, { entry }) => {
      template.hasResourceProperties("AWS::Lambda::Function", {
        FunctionName: `avesa-clickhouse-${entry}-production`,
        Handler: "index.handler",
        Runtime: "nodejs22.x",
        Role: { "Fn::GetAtt": [Match.stringLikeRegexp(`^${id}Role`), "Arn"] },
        LoggingConfig: { LogGroup: { Ref: Match.stringLikeRegexp(`^${id}Log`) } },
        Environment: {
          Variables: {
            ORCHESTRATOR: "stepfunctions",
            CANONICAL_STORE: {
              "Fn::Join": ["", ["s3://", { Ref: Match.stringLikeRegexp("^CanonicalBucket") }]],
            },
            CLICKHOUSE_SECRET_ARN: { Ref: Match.stringLikeRegexp("^ClickHouseCredentials") },
            METRICS_NAMESPACE: "AVESA/ClickHouse",
          },
        },
      });
    },
  );

  it("keep their logs for the time that was asked for", () => {
    const logs = resourcesOf(templateOf({ logRetentionDays: "7" }), "AWS::Logs::LogGroup");
    expect(logs).toHaveLength(Object.keys(FUNCTIONS).length);
    for (const [, { Properties }] of logs) expect(Properties.RetentionInDays).toBe(7);
  });
});

describe("what is stored", () => {
  it("is encrypted, closed to the public, and stays when the stack goes", () => {
    template.hasResource("AWS::S3::Bucket", {
      DeletionPolicy: "Retain",
      Properties: {
        BucketEncryption: Match.anyValue(),
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        VersioningConfiguration: { Status: "Enabled" },
      },
    });
    template.hasResourceProperties("AWS::SNS::Topic", { KmsMasterKeyId: Match.anyValue() });
    template.hasResourceProperties("AWS::KMS::Key", { EnableKeyRotation: true });
    for (const type of [
      "AWS::S3::BucketPolicy",
      "AWS::SNS::TopicPolicy",
      "AWS::SQS::QueuePolicy",
    ]) {
      for (const [, { Properties }] of resourcesOf(template, type)) {
        expect(JSON.stringify(Properties)).toContain('{"aws:SecureTransport":"false"}');
      }
    }
  });

  it("has its password from Secrets Manager; none is in the template", () => {
    template.hasResource("AWS::SecretsManager::Secret", {
      DeletionPolicy: "Retain",
      Properties: {
        GenerateSecretString: { GenerateStringKey: "password", PasswordLength: 40 },
        SecretString: Match.absent(),
      },
    });
    const [[, secret] = []] = resourcesOf(template, "AWS::SecretsManager::Secret");
    expect(JSON.parse(secret?.Properties.GenerateSecretString.SecretStringTemplate)).toEqual({
      url: "https://abc.us-east-2.aws.clickhouse.cloud:8443",
      username: "avesa_etl_user",
      database: "avesa_analytics",
    });
    expect(JSON.stringify(template.toJSON())).not.toMatch(/\{\{resolve:secretsmanager/);
  });
});

describe("another environment", () => {
  it("shares no name with production", () => {
    const staging = JSON.stringify(templateOf({ environment: "staging" }).toJSON().Resources);
    const names = /"(?:\w*Name|Namespace)":"([^"]+)"/g;
    const named = (text: string): Set<string> =>
      new Set([...text.matchAll(names)].map(([, name]) => name ?? ""));
    const shared = [...named(staging)].filter((name) =>
      named(JSON.stringify(template.toJSON().Resources)).has(name),
    );
    expect(shared.filter((name) => /avesa[-/]/i.test(name))).toEqual([]);
  });
});
