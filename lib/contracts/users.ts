import { z } from "zod";
import { ROLES } from "@/lib/permissions";

/** What a person signs in with; kept in lower case, so that Ann and ann are one. */
export const Username = z
  .string()
  .trim()
  .toLowerCase()
  .regex(
    /^[a-z0-9][a-z0-9._@+-]{0,62}$/,
    "Use 1 to 63 letters, digits and . _ @ + -, beginning with a letter or digit.",
  );

export const RoleName = z.enum(ROLES, `Expected ${ROLES.join(", ")}.`);

export const DisplayName = z
  .string()
  .trim()
  .min(1, "Give a name.")
  .max(100, "A name has at most 100 characters.")
  .regex(/^[^\p{Cc}]*$/u, "A name has no control characters.");

/** The rules of a password are the server's to check; this only keeps the input small. */
const Password = z
  .string()
  .min(1, "Give a password.")
  .max(200, "A password has at most 200 characters.");

export const AddUserInput = z.strictObject({
  username: Username,
  displayName: DisplayName,
  role: RoleName,
  password: Password,
});

export const ChangeRoleInput = z.strictObject({ username: Username, role: RoleName });

export const DisableUserInput = z.strictObject({ username: Username, disabled: z.boolean() });

export const ResetPasswordInput = z.strictObject({ username: Username, password: Password });
