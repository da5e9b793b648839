/** How long nothing must have landed before a tenant's increment is started, ms. */
export const QUIET_MS = 1_000;
/** Under constant landing an increment is started this often, ms. */
export const AT_LEAST_EVERY_MS = 5_000;

interface Landing {
  readonly first: number;
  readonly last: number;
}

/** Tenants whose objects landed, gathered until it is quiet. Never reads the clock. Times are ms. */
export class Landings {
  readonly #landings = new Map<string, Landing>();

  /** @returns whether the tenant is new among them */
  note(tenantId: string, now: number): boolean {
    const known = this.#landings.get(tenantId);
    this.#landings.set(tenantId, { first: known?.first ?? now, last: now });
    return known === undefined;
  }

  /** Tenants that are to be looked at now, longest waiting first. They stay until they are forgotten. */
  ready(now: number): string[] {
    return [...this.#landings]
      .filter(([, landing]) => readyAt(landing) <= now)
      .toSorted(([, a], [, b]) => a.first - b.first)
      .map(([tenantId]) => tenantId);
  }

  /** When the next tenant that is not ready yet will be; null where there is none. */
  nextReady(now: number): number | null {
    const times = [...this.#landings.values()].map(readyAt).filter((at) => at > now);
    return times.length === 0 ? null : Math.min(...times);
  }

  /**
   * The tenant is being looked at.
   *
   * @returns puts back what was forgotten, together with what has landed since
   */
  take(tenantId: string): () => void {
    const taken = this.#landings.get(tenantId);
    this.#landings.delete(tenantId);
    return () => {
      const since = this.#landings.get(tenantId);
      const landing = taken ?? since;
      if (landing !== undefined)
        this.#landings.set(tenantId, { first: landing.first, last: since?.last ?? landing.last });
    };
  }
}

function readyAt({ first, last }: Landing): number {
  return Math.min(last + QUIET_MS, first + AT_LEAST_EVERY_MS);
}
