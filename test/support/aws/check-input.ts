/** A structure in the SDK's own schema: kind, namespace, name, traits, member names, member schemas, how many are required. */
type Structure = readonly [3, string, string, unknown, string[], unknown[], number?];

const STRUCTURE = 3;
const KINDS: Readonly<Record<number, string>> = { 0: "string", 1: "number", 2: "boolean" };

/** Limits of the services that the SDK's schema does not hold, by structure and member. */
const LIMITS: Readonly<Record<string, { longest?: number; pattern?: RegExp; most?: number }>> = {
  "StartExecutionInput.stateMachineArn": { longest: 256, pattern: /^arn:aws[a-z-]*:states:/ },
  "StartExecutionInput.name": { longest: 80, pattern: /^[0-9A-Za-z_-]+$/ },
  "StartExecutionInput.input": { longest: 262_144, pattern: /^\{.*\}$/s },
  "StopExecutionInput.executionArn": { longest: 256, pattern: /:execution:/ },
  "StopExecutionInput.error": { longest: 256 },
  "StopExecutionInput.cause": { longest: 32_768 },
  "DescribeExecutionInput.executionArn": { longest: 256, pattern: /:execution:/ },
  "GetExecutionHistoryInput.executionArn": { longest: 256, pattern: /:execution:/ },
  "GetExecutionHistoryInput.maxResults": { most: 1_000 },
  "GetExecutionHistoryInput.reverseOrder": {},
  "GetExecutionHistoryInput.includeExecutionData": {},
  "GetExecutionHistoryInput.nextToken": { longest: 1_024 },
  "RedriveExecutionInput.executionArn": { longest: 256, pattern: /:execution:/ },
  "RedriveExecutionInput.clientToken": { longest: 64, pattern: /^[!-~]+$/ },
  "GetSecretValueRequest.SecretId": { longest: 2_048, pattern: /\S/ },
  "SendMessageRequest.QueueUrl": { longest: 2_048, pattern: /^https?:/ },
  "SendMessageRequest.MessageBody": { longest: 1_048_576, pattern: /[^]/ },
  "SendMessageRequest.DelaySeconds": { most: 900 },
};

/**
 * What a service would refuse of a request's input: members it does not know or must have, values of another type, values
 * beyond its limits.
 *
 * @param schema a structure of the SDK, such as `StartExecutionInput$`
 * @returns one sentence a fault
 */
export function checkInput(schema: unknown, input: Readonly<Record<string, unknown>>): string[] {
  const [kind, , name, , members, schemas, required = 0] = schema as Structure;
  if (kind !== STRUCTURE) return [`${String(name)} is not a structure.`];
  const faults: string[] = [];
  for (const member of Object.keys(input)) {
    if (!members.includes(member)) faults.push(`${name} has no member ${member}.`);
  }
  for (const [index, member] of members.entries()) {
    const value = input[member];
    if (value === undefined) {
      if (index < required) faults.push(`${name}.${member} is missing.`);
      continue;
    }
    const expected = KINDS[simple(schemas[index])];
    if (expected !== undefined && typeof value !== expected) {
      faults.push(`${name}.${member} is ${typeof value}, not ${expected}.`);
    }
    faults.push(...checkLimits(`${name}.${member}`, value));
  }
  return faults;
}

/** The number of a simple schema; traits, and a sensitive string's own schema, are around it. */
function simple(schema: unknown): number {
  const inner: unknown = typeof schema === "function" ? (schema as () => unknown)() : schema;
  if (typeof inner === "number") return inner;
  if (!Array.isArray(inner)) return -1;
  // [schema, traits] of a member; [0, namespace, name, traits, schema] of a named simple type.
  if (inner.length === 2) return simple(inner[0]);
  return inner[0] === 0 ? simple(inner.at(-1)) : -1;
}

function checkLimits(place: string, value: unknown): string[] {
  const limit = LIMITS[place];
  if (limit === undefined) return [`${place} has no limits here; look them up and add them.`];
  const faults: string[] = [];
  if (typeof value === "string") {
    if (value === "" || (limit.longest !== undefined && value.length > limit.longest))
      faults.push(`${place} has ${value.length} characters.`);
    if (limit.pattern?.test(value) === false) faults.push(`${place} has another form.`);
  }
  if (typeof value === "number" && limit.most !== undefined && (value < 0 || value > limit.most))
    faults.push(`${place} is ${value}.`);
  return faults;
}
