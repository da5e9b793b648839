/** How many of a tenant's runs its page lists. */
export const RECENT_RUNS = 8;
