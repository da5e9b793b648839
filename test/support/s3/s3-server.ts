import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

import { Bucket } from "./bucket";
import { answer } from "./answer";
import { S3Error } from "./s3-error";
import { type S3Account, checkSignature } from "./signature";

/** A request as the fixture saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly range: string | undefined;
  readonly accessKeyId: string;
  /** Who asked: the SDK names itself, ClickHouse too. */
  readonly agent: string;
}

/**
 * What goes wrong: an answer of that status and code, a connection that is reset before or after half of the body or ends there,
 * or `act` runs first and the request is then answered as usual.
 */
export interface Fault {
  readonly when: (request: SeenRequest) => boolean;
  /** How many requests it spoils. Default: one. */
  times?: number;
  readonly status?: number;
  readonly code?: string;
  readonly reset?: "at once" | "midway" | "early end";
  /** The answer has half of the body and says that this is all. */
  readonly cut?: boolean;
  readonly act?: () => void;
}

/** An S3 of a test's own, in memory: path-style addresses, every request's signature checked. */
export class S3Server {
  readonly buckets = new Map<string, Bucket>();
  readonly accounts: S3Account[] = [];
  readonly seen: SeenRequest[] = [];
  readonly faults: Fault[] = [];
  readonly region: string;
  /** Keys in one page of a listing. */
  pageSize = 1000;
  /** How long each answer takes, as if the store were far away. */
  delayMs = 0;
  readonly #server: Server;

  private constructor(region: string) {
    this.region = region;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(region = "us-east-1"): Promise<S3Server> {
    const fixture = new S3Server(region);
    await new Promise<void>((resolve) => fixture.#server.listen(0, "127.0.0.1", resolve));
    return fixture;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  bucket(name: string): Bucket {
    const bucket = this.buckets.get(name) ?? new Bucket();
    this.buckets.set(name, bucket);
    return bucket;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      // Not by URL, which would take `..` in a key for a step up.
      const [path = "", query = ""] = (request.url ?? "/").split(/\?(.*)/s);
      const [bucket = "", ...rest] = path.slice(1).split("/");
      const key = decodeURIComponent(rest.join("/"));
      const method = request.method ?? "GET";
      const seen: SeenRequest = {
        method,
        bucket,
        key,
        query: new URLSearchParams(query),
        range: request.headers.range,
        accessKeyId: /Credential=([^/]+)/.exec(request.headers.authorization ?? "")?.[1] ?? "",
        agent: request.headers["user-agent"] ?? "",
      };
      this.seen.push(seen);
      if (this.delayMs > 0) await delay(this.delayMs);
      const fault = this.#faultFor(seen);
      fault?.act?.();
      if (fault?.reset === "at once") return void request.socket.resetAndDestroy();
      if (fault?.status !== undefined) {
        throw new S3Error(fault.status, fault.code ?? "InternalError", "Made to fail by the test.");
      }
      checkSignature(
        { method, target: request.url ?? "/", headers: request.headers },
        this.accounts,
        this.region,
      );
      const kept = this.buckets.get(bucket);
      if (kept === undefined)
        throw new S3Error(404, "NoSuchBucket", "The specified bucket does not exist");
      const { status, headers, body: whole } = await answer(kept, seen, request, this.pageSize);
      const body = fault?.cut === true ? whole.subarray(0, Math.floor(whole.length / 2)) : whole;
      if (fault?.cut === true) headers["content-length"] = body.length;
      response.writeHead(status, headers);
      if (fault?.reset !== undefined && body.length > 1) {
        const { socket } = request;
        response.write(body.subarray(0, Math.floor(body.length / 2)), () =>
          fault.reset === "midway" ? socket.resetAndDestroy() : socket.destroy(),
        );
        return;
      }
      response.end(method === "HEAD" ? undefined : body);
    } catch (error) {
      const refusal =
        error instanceof S3Error ? error : new S3Error(500, "InternalError", String(error));
      const body = Buffer.from(refusal.toXml());
      request.resume();
      response.writeHead(refusal.status, {
        "content-type": "application/xml",
        "content-length": body.length,
        "x-amz-request-id": "fixture",
        ...refusal.more.headers,
      });
      response.end(request.method === "HEAD" ? undefined : body);
    }
  }

  #faultFor(seen: SeenRequest): Fault | undefined {
    const index = this.faults.findIndex((fault) => fault.when(seen));
    const fault = this.faults[index];
    if (fault === undefined) return undefined;
    fault.times = (fault.times ?? 1) - 1;
    if (fault.times <= 0) this.faults.splice(index, 1);
    return fault;
  }
}
