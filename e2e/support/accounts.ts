import { spawn } from "node:child_process";
import path from "node:path";

import { ADMIN } from "./console";

const root = path.resolve(import.meta.dirname, "../..");
const dataDir = path.join(root, ".build", "e2e-data");
const PASSWORD = "six quiet badgers";

export interface Account {
  readonly username: string;
  readonly password: string;
}

/**
 * An account of a role. Viewers and operators are added by the command line beside the running console, once; the administrator
 * is the one that the console was started with.
 */
export async function account(role: "viewer" | "operator" | "admin"): Promise<Account> {
  if (role === "admin") return ADMIN;
  const username = `the-${role}`;
  const { code, said } = await addUser(username, role);
  if (code !== 0 && !said.includes("already")) throw new Error(`avesa user add: ${said}`);
  return { username, password: PASSWORD };
}

function addUser(username: string, role: string): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve, reject) => {
    const args = ["scripts/avesa.mjs", "user", "add", "--data", dataDir];
    const child = spawn(
      process.execPath,
      [...args, "--name", username, "--role", role, "--password-stdin"],
      { cwd: root, stdio: ["pipe", "pipe", "pipe"] },
    );
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, said }));
    child.stdin.end(`${PASSWORD}\n`);
  });
}

/** The folder of the canonical store that the console of the tests reads. */
export const storeDir = path.join(dataDir, "canonical");
