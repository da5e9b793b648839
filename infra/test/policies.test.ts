import { describe, expect, it } from "vitest";

import { type Resource, resourcesOf, templateOf } from "./template.ts";

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

interface Found extends Statement {
  /** Logical id of what the statement belongs to. */
  readonly of: string;
  readonly type: string;
}

/** Every statement of every policy in the template, wherever it stands. */
function statementsOf(resources: readonly [string, Resource][]): Found[] {
  const found: Found[] = [];
  const walk = (value: unknown, of: string, type: string): void => {
    if (Array.isArray(value)) value.forEach((one) => walk(one, of, type));
    if (value === null || typeof value !== "object" || Array.isArray(value)) return;
    const entry = value as Record<string, unknown>;
    if (typeof entry["Effect"] === "string")
      found.push({ ...(entry as unknown as Statement), of, type });
    else Object.values(entry).forEach((one) => walk(one, of, type));
  };
  for (const [id, resource] of resources) walk(resource.Properties, id, resource.Type);
  return found;
}

const listed = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

/** A resource as text: references become `<Name.Arn>`, joins are joined. */
function spelled(resource: unknown): string {
  if (typeof resource === "string") return resource;
  const [kind, value] = Object.entries(resource as Record<string, unknown>)[0] ?? [];
  if (kind === "Ref") return `<${String(value)}>`;
  if (kind === "Fn::GetAtt") return `<${(value as string[]).join(".")}>`;
  if (kind === "Fn::Join") return (value as [string, unknown[]])[1].map(spelled).join("");
  throw new Error(`A resource of another kind: ${JSON.stringify(resource)}`);
}

/** Where a wildcard may stand: behind the name of one resource, for what belongs to it. */
const WITHIN = [
  /^<CanonicalBucket\w+\.Arn>(\/\*|\/\*\/canonical\/\*)$/,
  /^arn:<AWS::Partition>:s3:::acme-canonical\/\*\/canonical\/\*$/,
  /^<\w+\.Arn>:\*$/,
  /^arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:<DataMovement\w+\.Name>:\*$/,
];

describe.each([
  ["with a bucket of its own", {}],
  ["with a bucket that was there", { canonicalBucket: "acme-canonical" }],
])("every policy, %s", (_, settings) => {
  const resources = resourcesOf(templateOf(settings));
  const statements = statementsOf(resources);
  const allows = statements.filter((one) => one.Effect === "Allow");

  it("is found", () => {
    expect(allows.length).toBeGreaterThan(30);
    const types = new Set(allows.map(({ type }) => type));
    for (const type of [
      "AWS::IAM::Policy",
      "AWS::IAM::ManagedPolicy",
      "AWS::IAM::Role",
      "AWS::KMS::Key",
      "AWS::SNS::TopicPolicy",
      "AWS::SQS::QueuePolicy",
    ]) {
      expect(types).toContain(type);
    }
  });

  it("names its resources", () => {
    for (const { of, type, Resource, Action } of allows) {
      // A role's trust has no resource, and in a key's own policy "*" is that key.
      if (Resource === undefined || type === "AWS::KMS::Key") continue;
      for (const name of listed(Resource).map(spelled)) {
        const isNarrow = !name.includes("*") || WITHIN.some((pattern) => pattern.test(name));
        expect({ of, Action, name, isNarrow }).toMatchObject({ isNarrow: true });
      }
    }
  });

  it("names its actions", () => {
    // The account's own hold on its key, without which nobody could ever change it.
    const wide = allows.filter(({ Action }) =>
      listed(Action).some((one) => String(one).includes("*")),
    );
    expect(wide.map(({ type, Action }) => ({ type, Action }))).toEqual([
      { type: "AWS::KMS::Key", Action: "kms:*" },
      { type: "AWS::KMS::Key", Action: ["kms:Decrypt", "kms:GenerateDataKey*"] },
    ]);
  });

  it("lets in no stranger", () => {
    for (const { Principal, of } of allows) {
      expect({ of, Principal: JSON.stringify(Principal ?? "") }).not.toMatchObject({
        Principal: expect.stringMatching(/^"\*"$|"AWS":"\*"/),
      });
    }
  });

  it("brings no policy of AWS along", () => {
    for (const [id, { Properties }] of resourcesOf(templateOf(settings), "AWS::IAM::Role")) {
      expect({ id, managed: Properties.ManagedPolicyArns }).toEqual({ id, managed: undefined });
    }
  });
});

describe("the roles", () => {
  const statements = statementsOf(resourcesOf(templateOf()));
  const actionsOf = (policy: RegExp): string[] =>
    [
      ...new Set(
        statements
          .filter(({ of, type }) => policy.test(of) && type.includes("Policy"))
          .flatMap(({ Action }) => listed(Action).map(String)),
      ),
    ].sort();
  const SEND = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"];
  const ALL = [
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "s3:GetObject",
    "s3:ListBucket",
    "secretsmanager:GetSecretValue",
  ];

  it.each(["Initializer", "BulkLoader", "ScdProcessor", "Validator"])(
    "of %s may read objects and the secret, and write its log",
    (name) => {
      expect(actionsOf(new RegExp(`^${name}Role`))).toEqual(ALL);
    },
  );

  it("of the others may do one thing more", () => {
    expect(actionsOf(/^DeadLetterRole/)).toEqual([...ALL, ...SEND].sort());
    expect(actionsOf(/^ScheduleTickRole/)).toEqual(
      [
        ...ALL,
        ...SEND,
        "states:DescribeExecution",
        "states:StartExecution",
        "states:StopExecution",
      ].sort(),
    );
    expect(actionsOf(/^LandedObjectsRole/)).toEqual(
      [
        ...ALL,
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
        "states:StartExecution",
      ].sort(),
    );
    expect(actionsOf(/^ConsolePolicy/)).toEqual([
      "s3:GetObject",
      "s3:ListBucket",
      "secretsmanager:GetSecretValue",
      "sqs:SendMessage",
      "states:DescribeExecution",
      "states:GetExecutionHistory",
      "states:RedriveExecution",
      "states:StartExecution",
      "states:StopExecution",
    ]);
    expect(actionsOf(/^StateMachineRole/)).toEqual(["lambda:InvokeFunction"]);
  });
});

it("network interfaces are the one thing that has no narrower resource", () => {
  const inNetwork = {
    vpcId: "vpc-0a1b2c3d",
    subnetIds: "subnet-0a1b2c3d,subnet-1a1b2c3d",
    securityGroupId: "sg-0a1b2c3d",
  };
  const wide = statementsOf(resourcesOf(templateOf(inNetwork))).filter(
    ({ Effect, Resource, type }) =>
      Effect === "Allow" && Resource === "*" && type !== "AWS::KMS::Key",
  );
  for (const { Action } of wide) {
    for (const action of listed(Action))
      expect(action).toMatch(/^ec2:(Create|Delete|Describe)(NetworkInterfaces?|Subnets)$/);
  }
  expect(wide).toHaveLength(7);
});
