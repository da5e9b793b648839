import "server-only";
import { env } from "@/server/env";

/**
 * Settings of a client of AWS. Credentials are those of the process: its role, or what the environment and the profile say.
 *
 * @param arn of what is asked for; its region is the client's
 */
export function clientSettings(arn?: string): {
  region?: string;
  endpoint?: string;
  maxAttempts: number;
} {
  const settings = env();
  const region = arn?.split(":")[3] ?? settings.AWS_REGION ?? settings.AWS_DEFAULT_REGION;
  return {
    maxAttempts: 4,
    ...(region === undefined ? {} : { region }),
    ...(settings.AWS_ENDPOINT_URL === undefined ? {} : { endpoint: settings.AWS_ENDPOINT_URL }),
  };
}
