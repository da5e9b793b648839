import { randomPassword } from "@/lib/random-password";
import { ROLES } from "@/lib/permissions";
import { addUserOperation } from "@/server/pipeline/operations/users";

import { carryOutForVerb } from "./carry-out-for-verb";
import { openForVerb } from "./open-for-verb";
import { UsageError, defineVerb, required } from "./verb";

/** The first line of standard input, without its line end. */
async function firstLine(): Promise<string> {
  let text = "";
  process.stdin.setEncoding("utf8");
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.includes("\n")) break;
  }
  return (text.split("\n")[0] ?? "").replace(/\r$/, "");
}

export const verb = defineVerb({
  name: "user add",
  summary: "Add an account that can sign in",
  description: "Without --password-stdin a password is made up and printed once.",
  flags: {
    name: { type: "string", value: "NAME", help: "Name to sign in with" },
    "display-name": { type: "string", value: "TEXT", help: "Name to show (default: the name)" },
    role: { type: "string", value: ROLES.join("|"), help: "What the account may do" },
    "password-stdin": {
      type: "boolean",
      help: "Read the password from the first line of standard input",
    },
  },
  async run(context) {
    const { flags } = context;
    const username = required(flags.name, "name");
    const wanted = required(flags.role, "role");
    const role = ROLES.find((one) => one === wanted);
    if (role === undefined) throw new UsageError(`--role must be one of ${ROLES.join(", ")}.`);
    const given = flags["password-stdin"] === true;
    const password = given ? await firstLine() : randomPassword();
    const db = await openForVerb(context, "avesa user add");
    const user = await carryOutForVerb(db, addUserOperation, {
      username,
      displayName: flags["display-name"] ?? username,
      role,
      password,
    });
    context.say(`Added ${user.username} as ${user.role}.`);
    if (!given) context.print(password);
    return 0;
  },
});
