import { createHash, randomUUID } from "node:crypto";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

import { GetSecretValueRequest$ } from "@aws-sdk/client-secrets-manager";
import {
  DescribeExecutionInput$,
  GetExecutionHistoryInput$,
  RedriveExecutionInput$,
  StartExecutionInput$,
  StopExecutionInput$,
} from "@aws-sdk/client-sfn";
import { SendMessageRequest$ } from "@aws-sdk/client-sqs";

import type { LambdaHandler } from "@/server/lambda/lambda-context";
import { parseStateMachine } from "@/server/runs/state-machine";
import definitionJson from "@/server/runs/state-machine.asl.json";

import { checkInput } from "./check-input";
import { FakeExecution, type Lambdas } from "./execution";

type Data = Record<string, unknown>;

const REGION = "eu-north-1";
const ACCOUNT = "123456789012";
const STATE_MACHINE = `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:avesa-data-movement`;

/** A refusal as the services say it. */
class Refusal extends Error {
  constructor(
    readonly type: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

/** The functions by their placeholder's name, such as `BulkLoader`. */
export type FunctionName =
  | "Initializer"
  | "BulkLoader"
  | "ScdProcessor"
  | "Validator"
  | "DeadLetter";

function functionArn(name: string): string {
  return `arn:aws:lambda:${REGION}:${ACCOUNT}:function:avesa-${name}`;
}

/**
 * Step Functions, Secrets Manager and SQS as far as the product speaks to them, over HTTP in their own protocol. Every
 * request's input is held against the SDK's schema and the services' limits; what does not hold is refused and kept in
 * `faults`.
 */
export class AwsServer {
  readonly stateMachineArn = STATE_MACHINE;
  readonly secretArn = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:avesa-clickhouse-AbCdEf`;
  readonly executions = new Map<string, FakeExecution>();
  readonly messages: Data[] = [];
  readonly faults: string[] = [];
  /** Such as `StartExecution`, in the order of their coming. */
  readonly requests: string[] = [];
  /** What the secret holds now. */
  secret: Data = {};
  /** Events in a page of the history at most. */
  pageSize = 1_000;
  /** What a call of a Lambda has left of its time. */
  remainingMs = 600_000;
  readonly #refusals = new Map<string, Refusal[]>();
  readonly #lambdaRefusals = new Map<string, { error: string; cause: string }[]>();
  readonly #lambdas: Lambdas;
  readonly #server: Server;
  readonly #atWork: Lambdas["atWork"] = new Set();

  private constructor(
    handlers: Readonly<Record<FunctionName, LambdaHandler<unknown>>>,
    private readonly delayScale: number,
  ) {
    this.#lambdas = {
      handlers: Object.fromEntries(
        Object.entries(handlers).map(([name, handler]) => [functionArn(name), handler]),
      ),
      refuse: (resource) => this.#lambdaRefusals.get(resource)?.shift(),
      remainingMs: () => this.remainingMs,
      atWork: this.#atWork,
    };
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        this.faults.push(String(error));
        response.writeHead(500).end();
      });
    });
  }

  /** @param delayScale waits between attempts are multiplied by it */
  static async start(
    handlers: Readonly<Record<FunctionName, LambdaHandler<unknown>>>,
    delayScale = 0,
  ): Promise<AwsServer> {
    const aws = new AwsServer(handlers, delayScale);
    await new Promise<void>((resolve) => aws.#server.listen(0, "127.0.0.1", resolve));
    return aws;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get queueUrl(): string {
    return `${this.url}/${ACCOUNT}/avesa-clickhouse-dlq`;
  }

  /** The next request of this kind is answered with an error. */
  refuseNext(request: string, type: string, status: number, times = 1): void {
    const refusals = Array.from(
      { length: times },
      () => new Refusal(type, "as the test wants it", status),
    );
    this.#refusals.set(request, [...(this.#refusals.get(request) ?? []), ...refusals]);
  }

  /** The next calls of a function fail before it is reached. */
  failNext(name: FunctionName, error: string, times = 1): void {
    const resource = functionArn(name);
    const failures = Array.from({ length: times }, () => ({
      error,
      cause: "as the test wants it",
    }));
    this.#lambdaRefusals.set(resource, [
      ...(this.#lambdaRefusals.get(resource) ?? []),
      ...failures,
    ]);
  }

  execution(runId: string): FakeExecution {
    const found = this.executions.get(runId);
    if (found === undefined) throw new Error(`There is no execution ${runId}.`);
    return found;
  }

  /** Waits until no execution and no call of a Lambda is at work. */
  async idle(): Promise<void> {
    await Promise.all([...this.executions.values()].map((execution) => execution.ended));
    await Promise.allSettled(this.#lambdas.atWork);
  }

  async close(): Promise<void> {
    await this.idle();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = String(request.headers["x-amz-target"] ?? "");
    const [service = "", operation = ""] = target.split(".");
    this.requests.push(operation);
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { "content-type": String(request.headers["content-type"]) });
      response.end(JSON.stringify(body));
    };
    try {
      this.#admit(request, service);
      const refusal = this.#refusals.get(operation)?.shift();
      const input = JSON.parse(await text(request)) as Data;
      if (refusal !== undefined) throw refusal;
      answer(200, this.#act(`${service}.${operation}`, input));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      answer(error.status, { __type: error.type, message: error.message });
    }
  }

  /** Signed for the service it is sent to, in the region it lives in, in its version of JSON. */
  #admit(request: IncomingMessage, service: string): void {
    const names: Readonly<Record<string, [string, string]>> = {
      AWSStepFunctions: ["states", "1.0"],
      secretsmanager: ["secretsmanager", "1.1"],
      AmazonSQS: ["sqs", "1.0"],
    };
    const [name, version] = names[service] ?? ["", ""];
    const scope = new RegExp(`Credential=test/\\d{8}/${REGION}/${name}/aws4_request`);
    if (!scope.test(String(request.headers.authorization)))
      this.#fault(`A request for ${service} is signed for something else.`);
    if (request.headers["content-type"] !== `application/x-amz-json-${version}`)
      this.#fault(`A request for ${service} is of another type.`);
  }

  #fault(fault: string): never {
    this.faults.push(fault);
    throw new Refusal("ValidationException", fault);
  }

  #act(target: string, input: Data): unknown {
    const checked = <T>(schema: unknown, act: (given: Record<string, string>) => T): T => {
      const [fault] = checkInput(schema, input);
      if (fault !== undefined) this.#fault(fault);
      return act(input as Record<string, string>);
    };
    switch (target) {
      case "AWSStepFunctions.StartExecution":
        return checked(StartExecutionInput$, (given) => this.#start(given));
      case "AWSStepFunctions.StopExecution":
        return checked(StopExecutionInput$, (given) => {
          const execution = this.#find(given);
          execution.stop(given["error"], given["cause"]);
          return { stopDate: execution.stoppedAt };
        });
      case "AWSStepFunctions.DescribeExecution":
        return checked(DescribeExecutionInput$, (given) => describe(this.#find(given)));
      case "AWSStepFunctions.GetExecutionHistory":
        return checked(GetExecutionHistoryInput$, (given) => this.#history(given));
      case "AWSStepFunctions.RedriveExecution":
        return checked(RedriveExecutionInput$, (given) => {
          const execution = this.#find(given);
          if (execution.status === "RUNNING" || execution.status === "SUCCEEDED")
            throw new Refusal("ExecutionNotRedrivable", "It cannot be redriven.");
          execution.redrive();
          return { redriveDate: Date.now() / 1000 };
        });
      case "secretsmanager.GetSecretValue":
        return checked(GetSecretValueRequest$, ({ SecretId }) => {
          if (SecretId !== this.secretArn)
            throw new Refusal("ResourceNotFoundException", "There is no such secret.");
          return { ARN: SecretId, Name: "avesa", SecretString: JSON.stringify(this.secret) };
        });
      case "AmazonSQS.SendMessage":
        return checked(SendMessageRequest$, ({ QueueUrl, MessageBody = "" }) => {
          if (QueueUrl !== this.queueUrl)
            throw new Refusal("QueueDoesNotExist", "There is no such queue.");
          this.messages.push(JSON.parse(MessageBody) as Data);
          const MD5OfMessageBody = createHash("md5").update(MessageBody).digest("hex");
          return { MessageId: randomUUID(), MD5OfMessageBody };
        });
      default:
        return this.#fault(`Nothing answers ${target}.`);
    }
  }

  #start({ stateMachineArn, name = randomUUID(), input = "{}" }: Record<string, string>): Data {
    if (stateMachineArn !== STATE_MACHINE)
      throw new Refusal("StateMachineDoesNotExist", "There is no such state machine.");
    const arn = `${STATE_MACHINE.replace(":stateMachine:", ":execution:")}:${name}`;
    const known = this.executions.get(name);
    // The same start of an execution that is at work is answered as the first was.
    if (known !== undefined && (known.status !== "RUNNING" || known.input !== input))
      throw new Refusal("ExecutionAlreadyExists", "An execution of this name exists.");
    const definition = JSON.stringify(definitionJson).replaceAll(
      /\$\{(\w+)FunctionArn\}/g,
      (_all, placeholder: string) => functionArn(placeholder),
    );
    const execution =
      known ??
      new FakeExecution(
        name,
        arn,
        input,
        parseStateMachine(JSON.parse(definition)),
        this.#lambdas,
        this.delayScale,
      );
    this.executions.set(name, execution);
    return { executionArn: arn, startDate: execution.startedAt };
  }

  #find({ executionArn }: Record<string, string>): FakeExecution {
    for (const execution of this.executions.values())
      if (execution.arn === executionArn) return execution;
    throw new Refusal("ExecutionDoesNotExist", "There is no such execution.");
  }

  #history(given: Record<string, unknown>): Data {
    const { history } = this.#find(given as Record<string, string>);
    const ordered = given["reverseOrder"] === true ? history.toReversed() : history;
    const from = Number(given["nextToken"] ?? 0);
    const size = Math.min(Number(given["maxResults"] ?? 100), this.pageSize);
    const events = ordered.slice(from, from + size);
    const next = from + size;
    return { events, ...(next < ordered.length ? { nextToken: String(next) } : {}) };
  }
}

function describe(execution: FakeExecution): Data {
  const { status } = execution;
  const isDead = status === "FAILED" || status === "ABORTED";
  return {
    executionArn: execution.arn,
    stateMachineArn: STATE_MACHINE,
    name: execution.name,
    status,
    startDate: execution.startedAt,
    stopDate: execution.stoppedAt,
    input: execution.input,
    output: execution.output,
    error: execution.error,
    cause: execution.cause,
    redriveCount: execution.redrives,
    redriveStatus: isDead ? "REDRIVABLE" : "NOT_REDRIVABLE",
  };
}
