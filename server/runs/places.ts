/** Who wants to work on a table. */
export interface PlaceClaim {
  readonly runId: string;
  readonly tenantId: string;
  /** The tenant's share where tenants wait for each other: twice the weight, twice the time. */
  readonly weight: number;
  /** Most places of the tenant at once. */
  readonly tenantLimit: number;
}

/** The right to work on one table now. */
export interface Place {
  /**
   * Between two batches: lets those go first whose turn it is, and waits for the next turn.
   *
   * @param until ms since the epoch; after it the wait ends without a turn, and no further batch must begin
   * @throws the signal's reason
   */
  nextTurn(until: number): Promise<void>;
  release(): void | Promise<void>;
}

/** Where places come from. */
export interface PlaceSource {
  /**
   * Waits for a place.
   *
   * @param until ms since the epoch to wait at most
   * @returns undefined where none came in time
   * @throws the signal's reason
   */
  take(claim: PlaceClaim, signal: AbortSignal, until: number): Promise<Place | undefined>;
}

interface Tenant {
  inUse: number;
  /** Weighted ms of work that were given to it; the least is next. */
  given: number;
  readonly queue: Waiter[];
}

interface Waiter {
  readonly claim: PlaceClaim;
  readonly arrival: number;
  readonly grant: () => void;
}

/**
 * So many tables are worked on at once in this process, and tenants take turns: a free place goes to the waiting tenant that
 * has the fewest places for its weight, and among equals to the one that was given the least time. One that comes newly
 * starts level with who was served last, so that neither its past nor a long rest counts. A table with many batches asks
 * for each of them, so a tenant with a long backlog holds the others up by one batch at most.
 */
export class Places implements PlaceSource {
  readonly #tenants = new Map<string, Tenant>();
  #free: number;
  #arrivals = 0;
  /** What had been given to the tenant that was served last. */
  #level = 0;

  /**
   * @param size tables at once, over all tenants
   * @param clock rising ms, to measure work with
   */
  constructor(
    readonly size: number,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.#free = size;
  }

  /** Tables that wait for a place. */
  get waiting(): number {
    return [...this.#tenants.values()].reduce((sum, tenant) => sum + tenant.queue.length, 0);
  }

  async take(claim: PlaceClaim, signal: AbortSignal, until: number): Promise<Place | undefined> {
    if (!(await this.#wait(claim, signal, until))) return undefined;
    let grantedAt: number | undefined = this.clock();
    const giveBack = (): void => {
      if (grantedAt === undefined) return;
      const tenant = this.#of(claim.tenantId);
      tenant.given += (this.clock() - grantedAt) / claim.weight;
      tenant.inUse -= 1;
      this.#free += 1;
      grantedAt = undefined;
    };
    return {
      nextTurn: async (limit) => {
        giveBack();
        // In the queue before the place is given on: it may be this one's turn again.
        if (await this.#wait(claim, signal, limit)) grantedAt = this.clock();
      },
      release: () => {
        giveBack();
        this.#giveOut();
      },
    };
  }

  #of(tenantId: string): Tenant {
    const known = this.#tenants.get(tenantId);
    if (known !== undefined) return known;
    const made: Tenant = { inUse: 0, given: this.#level, queue: [] };
    this.#tenants.set(tenantId, made);
    return made;
  }

  /** False where no place came in time. */
  async #wait(claim: PlaceClaim, signal: AbortSignal, until: number): Promise<boolean> {
    if (signal.aborted) {
      this.#giveOut();
      throw signal.reason;
    }
    const tenant = this.#of(claim.tenantId);
    if (tenant.inUse === 0 && tenant.queue.length === 0)
      tenant.given = Math.max(tenant.given, this.#level);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
        const at = tenant.queue.indexOf(waiter);
        if (at >= 0) tenant.queue.splice(at, 1);
      };
      const onAbort = (): void => {
        leave();
        reject(signal.reason);
      };
      const waiter: Waiter = {
        claim,
        arrival: this.#arrivals++,
        grant: () => {
          leave();
          resolve(true);
        },
      };
      const timer = setTimeout(
        () => {
          leave();
          resolve(false);
        },
        Math.max(0, until - Date.now()),
      );
      signal.addEventListener("abort", onAbort, { once: true });
      tenant.queue.push(waiter);
      this.#giveOut();
    });
  }

  #giveOut(): void {
    while (this.#free > 0) {
      const next = this.#next();
      if (next === undefined) break;
      const [tenant, waiter] = next;
      this.#free -= 1;
      tenant.inUse += 1;
      this.#level = Math.max(this.#level, tenant.given);
      waiter.grant();
    }
    for (const [id, tenant] of this.#tenants) {
      if (tenant.inUse === 0 && tenant.queue.length === 0 && tenant.given <= this.#level)
        this.#tenants.delete(id);
    }
  }

  #next(): [Tenant, Waiter] | undefined {
    let best: { tenant: Tenant; waiter: Waiter; share: number } | undefined;
    for (const tenant of this.#tenants.values()) {
      const [waiter] = tenant.queue;
      if (waiter === undefined || tenant.inUse >= waiter.claim.tenantLimit) continue;
      const share = tenant.inUse / waiter.claim.weight;
      const order =
        best === undefined
          ? -1
          : share - best.share ||
            tenant.given - best.tenant.given ||
            waiter.arrival - best.waiter.arrival;
      if (order < 0) best = { tenant, waiter, share };
    }
    return best === undefined ? undefined : [best.tenant, best.waiter];
  }
}
