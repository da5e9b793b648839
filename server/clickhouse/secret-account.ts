import "server-only";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";

import { clientSettings } from "@/server/aws/client-settings";

/** ClickHouse Cloud listens here for HTTPS. */
const CLOUD_PORT = 8443;

/** The secret: where ClickHouse is and how to sign in. */
const Secret = z
  .object({
    /** Instead of host and port. */
    url: z.url({ protocol: /^https?$/ }).optional(),
    host: z.string().min(1).optional(),
    port: z.coerce.number().int().positive().optional(),
    username: z.string().min(1),
    password: z.string(),
    database: z.string().min(1).optional(),
  })
  .refine((secret) => secret.url !== undefined || secret.host !== undefined, {
    error: "names neither url nor host",
  });

export interface SecretAccount {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly database: string | undefined;
}

/** The secret is there, but cannot be used; the message says why and never quotes it. */
export class SecretError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SecretError";
  }
}

/**
 * Reads the account of ClickHouse from Secrets Manager.
 *
 * @param arn of a secret with JSON: `host` (and `port`, 8443 unless given) or `url`, `username`, `password`, `database`
 * @throws SecretError where it holds something else; errors of the service as they come
 */
export async function readSecretAccount(arn: string): Promise<SecretAccount> {
  const client = new SecretsManagerClient(clientSettings(arn));
  try {
    const { SecretString: text } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
    const secret = Secret.safeParse(parseJson(text ?? ""));
    if (!secret.success) {
      const reasons = secret.error.issues.map((issue) =>
        `${issue.path.join(".")} ${issue.message}`.trim(),
      );
      throw new SecretError(
        `The secret ${arn} cannot be used: ${reasons.join("; ")}. It must be JSON with host or url, username and password.`,
      );
    }
    const { url, host, port, username, password, database } = secret.data;
    return {
      url: url ?? `https://${host}:${port ?? CLOUD_PORT}`,
      username,
      password,
      database,
    };
  } finally {
    client.destroy();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own words would quote the secret.
    return undefined;
  }
}
