/** The port of the console that tests look at. */
export const PORT = Number(process.env["E2E_PORT"] ?? 3917);

/** The account that the console of the tests is started with. */
export const ADMIN = { username: "admin", password: "nine loud herons" } as const;
