import "server-only";
import pino from "pino";

import { env } from "@/server/env";

const SECRETS = [
  "password",
  "*.password",
  "*.*.password",
  "token",
  "*.token",
  "secret",
  "*.secret",
  "authorization",
  "*.authorization",
  "headers.cookie",
  "*.headers.cookie",
  "NEXTAUTH_SECRET",
  "secretAccessKey",
  "*.secretAccessKey",
  "sessionToken",
  "*.sessionToken",
  "CANONICAL_STORE_SECRET_ACCESS_KEY",
  "CANONICAL_STORE_SESSION_TOKEN",
  "CLICKHOUSE_PASSWORD",
  "AVESA_ADMIN_PASSWORD",
];

const holder = globalThis as typeof globalThis & { __avesaLog?: pino.Logger };

/** The process's logger: JSON lines on standard error (standard output belongs to results), secrets struck out. */
export function log(): pino.Logger {
  holder.__avesaLog ??= pino(
    {
      level: env().LOG_LEVEL,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRETS, censor: "[redacted]" },
    },
    pino.destination({ dest: 2, sync: true }),
  );
  return holder.__avesaLog;
}
