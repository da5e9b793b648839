import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";

import { StoreError } from "../store-error";
import type { S3Keys } from "./s3-credentials";

const SecretValue = z.object({
  accessKeyId: z.string().min(1),
  secretAccessKey: z.string().min(1),
  sessionToken: z.string().min(1).optional(),
});

/**
 * Reads the keys to S3 from Secrets Manager.
 *
 * @param secretId name or ARN
 * @throws StoreError in words, without a part of what the secret holds
 */
export async function readKeysFromSecret(secretId: string, region: string): Promise<S3Keys> {
  const client = new SecretsManagerClient({ region, maxAttempts: 5 });
  const refused = (reason: string, transient = false): StoreError =>
    new StoreError(
      "no-credentials",
      `${reason} (CANONICAL_STORE_SECRET_ID, region ${region})`,
      transient,
    );
  let text: string | undefined;
  try {
    text = (await client.send(new GetSecretValueCommand({ SecretId: secretId }))).SecretString;
  } catch (error) {
    const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
    if (name === "CredentialsProviderError") throw error;
    if (name === "ResourceNotFoundException") {
      throw refused(`There is no secret ${secretId} in Secrets Manager.`);
    }
    if (name === "AccessDeniedException" || $metadata?.httpStatusCode === 403) {
      throw refused(
        `This process may not read the secret ${secretId}. Allow its role secretsmanager:GetSecretValue on it.`,
      );
    }
    throw refused(
      `The secret ${secretId} cannot be read from Secrets Manager: ${name ?? "unknown failure"}.`,
      true,
    );
  } finally {
    client.destroy();
  }
  const value = SecretValue.safeParse(jsonOf(text));
  if (!value.success) {
    throw refused(
      `The secret ${secretId} is not a JSON object with accessKeyId and secretAccessKey (and sessionToken, where there is one).`,
    );
  }
  const { sessionToken, ...keys } = value.data;
  return { ...keys, ...(sessionToken === undefined ? {} : { sessionToken }) };
}

function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    // What the parser would say quotes the secret.
    return undefined;
  }
}
