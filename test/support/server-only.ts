/** What `server-only` stands for where tests run: nothing is guarded. */
export const guarded = false;
