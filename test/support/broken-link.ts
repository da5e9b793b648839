import { type AddressInfo, type Server, type Socket, connect, createServer } from "node:net";

import type { ClickHouseConnection } from "@/server/clickhouse/connection";

/** The way to a ClickHouse that can be cut: while it is, every connection breaks off and no new one comes about. */
export class BrokenLink {
  #isCut = false;
  readonly #open = new Set<Socket>();

  private constructor(
    private readonly to: ClickHouseConnection,
    private readonly server: Server,
  ) {}

  static async to(connection: ClickHouseConnection): Promise<BrokenLink> {
    const server = createServer();
    const link = new BrokenLink(connection, server);
    server.on("connection", (socket) => link.#carry(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return link;
  }

  /** The same ClickHouse at the end of the link, as a server that nobody here starts again. */
  get connection(): ClickHouseConnection {
    const { username, password, database, reader } = this.to;
    const { port } = this.server.address() as AddressInfo;
    return {
      url: `http://127.0.0.1:${port}`,
      username,
      password,
      database,
      reader,
      embedded: false,
      status: { state: "ready", restarts: 0 },
      ready: () => Promise.resolve(),
      onStatus: () => () => {},
      close: () => Promise.resolve(),
    };
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#open) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #carry(socket: Socket): void {
    if (this.#isCut) {
      socket.destroy();
      return;
    }
    const { hostname, port } = new URL(this.to.url);
    const far = connect(Number(port), hostname);
    for (const [one, other] of [
      [socket, far],
      [far, socket],
    ] as const) {
      this.#open.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        this.#open.delete(one);
        other.destroy();
      });
    }
  }
}
