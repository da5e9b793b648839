import "server-only";
import { type Env, env } from "@/server/env";

import { type ServerStatus, holdServer } from "./embedded/holder";
import { serverDir } from "./embedded/state";
import { readSecretAccount } from "./secret-account";

export type ConnectionStatus = ServerStatus;

/** Where ClickHouse is and how to sign in. Whether it is embedded makes no difference to anyone who uses it. */
export interface ClickHouseConnection {
  /** HTTP address; it can change when an embedded server was restarted, so it is read anew for each statement. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly database: string;
  /** An account that can only read. */
  readonly reader: { readonly username: string; readonly password: string };
  readonly embedded: boolean;
  /** The further servers that tenants are spread over, in the cluster's order behind this one. Absent where there is one. */
  readonly nodes?: readonly ClickHouseConnection[];
  readonly status: ConnectionStatus;
  /** Resolves when the server can be asked; while an embedded one is being restarted, after that. */
  ready(): Promise<void>;
  /**
   * Asks anew for the account, after the server refused it: a secret may have been rotated.
   *
   * @returns whether there is another one to try. Absent where the account is fixed.
   */
  renew?(): Promise<boolean>;
  /** Calls the listener after each change of status; returns how to stop that. */
  onStatus(listener: (status: ConnectionStatus) => void): () => void;
  /** Lets go of the server. An embedded one stops when nobody holds it any more; `waitForExit` waits for that. */
  close(options?: { waitForExit?: boolean }): Promise<void>;
}

/**
 * Connects to the server at CLICKHOUSE_URL, or to the embedded one of DATA_DIR, which is started where it does not run.
 *
 * @param program who asks, shown to people who want to know what keeps an embedded server up
 * @throws EmbeddedServerError where the embedded server cannot be had
 */
export async function openClickHouse(program = "avesa"): Promise<ClickHouseConnection> {
  const settings = env();
  const front = await openFront(program, settings);
  return settings.CLICKHOUSE_SHARDS.length === 0 ? front : withNodes(front, settings);
}

/** The same connection, and one to each further server: reached at its own address with the same accounts. */
function withNodes(front: ClickHouseConnection, settings: Env): ClickHouseConnection {
  const nodes = settings.CLICKHOUSE_SHARDS.map(
    (url) =>
      // What the first has now, for a secret can be rotated.
      Object.create(front, { url: { value: url, enumerable: true } }) as ClickHouseConnection,
  );
  return Object.create(front, {
    nodes: { value: nodes, enumerable: true },
  }) as ClickHouseConnection;
}

async function openFront(program: string, settings: Env): Promise<ClickHouseConnection> {
  if (settings.CLICKHOUSE_SECRET_ARN !== undefined) {
    return openFromSecret(settings.CLICKHOUSE_SECRET_ARN, settings);
  }
  if (settings.CLICKHOUSE_URL !== undefined) {
    const username = settings.CLICKHOUSE_USER;
    const password = settings.CLICKHOUSE_PASSWORD;
    return {
      url: settings.CLICKHOUSE_URL,
      username,
      password,
      database: settings.CLICKHOUSE_DATABASE,
      reader:
        settings.CLICKHOUSE_READER_USER === undefined
          ? { username, password }
          : {
              username: settings.CLICKHOUSE_READER_USER,
              password: settings.CLICKHOUSE_READER_PASSWORD,
            },
      embedded: false,
      status: { state: "ready", restarts: 0 },
      ready: () => Promise.resolve(),
      onStatus: () => () => {},
      close: () => Promise.resolve(),
    };
  }

  const server = await holdServer({
    dir: serverDir(settings.DATA_DIR),
    root: settings.AVESA_ROOT,
    program,
    maxMemoryBytes: settings.CLICKHOUSE_MAX_MEMORY_BYTES,
  });
  return {
    get url() {
      return server.current.url;
    },
    get username() {
      return server.current.username;
    },
    get password() {
      return server.current.password;
    },
    get reader() {
      return server.current.reader;
    },
    database: settings.CLICKHOUSE_DATABASE,
    embedded: true,
    get status() {
      return server.status;
    },
    ready: () => server.ready(),
    onStatus: (listener) => server.onStatus(listener),
    close: (options) => server.close(options),
  };
}

/** The server that a secret names, with the account that the secret has now. */
async function openFromSecret(arn: string, settings: Env): Promise<ClickHouseConnection> {
  let account = await readSecretAccount(arn);
  let asking: Promise<boolean> | undefined;
  const ask = async (): Promise<boolean> => {
    const before = account;
    account = await readSecretAccount(arn);
    return account.username !== before.username || account.password !== before.password;
  };
  return {
    get url() {
      return account.url;
    },
    get username() {
      return account.username;
    },
    get password() {
      return account.password;
    },
    get reader() {
      return settings.CLICKHOUSE_READER_USER === undefined
        ? { username: account.username, password: account.password }
        : {
            username: settings.CLICKHOUSE_READER_USER,
            password: settings.CLICKHOUSE_READER_PASSWORD,
          };
    },
    database: account.database ?? settings.CLICKHOUSE_DATABASE,
    embedded: false,
    status: { state: "ready", restarts: 0 },
    ready: () => Promise.resolve(),
    renew() {
      // Of several statements that are refused at once, one asks for all.
      asking ??= ask().finally(() => {
        asking = undefined;
      });
      return asking;
    },
    onStatus: () => () => {},
    close: () => Promise.resolve(),
  };
}
