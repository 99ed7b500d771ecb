import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RateLimited } from '../lib/errors.ts';
import { networkOf } from '../lib/network.ts';

/** The time after which a budget is full again, in seconds. */
const WINDOW = 60;
/** The cost of every request besides the estimate of its operation: a refused request takes some work, too. */
const REQUEST_COST = 10;
/** The largest number of budgets of each kind. Beyond it the oldest are evicted. */
const MOST_BUDGETS = 100_000;

/** The fields that may be resolved in a minute. null: no limit. */
export interface BudgetLimits {
  readonly perViewer: number | null;
  readonly perAddress: number | null;
}

/** The viewer and the address that a request is charged to. */
interface Subject {
  readonly viewerId: string | null;
  readonly address: string;
}

/** The rest of the budget of one viewer, or one address, in the current window. */
interface Account {
  left: number;
  readonly endsAt: number;
}

/** The budgets of all viewers, or of all addresses, under one quota. */
class Quota {
  readonly name: string;
  readonly limit: number;
  readonly #now: () => number;
  /** In the order in which their windows began, and end. */
  readonly #accounts = new Map<string, Account>();

  constructor(name: string, limit: number, now: () => number) {
    this.name = name;
    this.limit = limit;
    this.#now = now;
  }

  /** Charges the cost, if anything is left: the last operation may overdraw. Returns the seconds to wait, or null. */
  charge(key: string, cost: number): number | null {
    const account = this.#open(key);
    if (account.left <= 0) {
      return this.#secondsUntil(account.endsAt);
    }
    account.left -= cost;
    return null;
  }

  /** Returns the members of the two fields, as the draft has them: what is left, and when it is full again. */
  describe(key: string): { readonly policy: string; readonly state: string } {
    const { left, endsAt } = this.#open(key);
    return {
      policy: `"${this.name}";q=${this.limit};w=${WINDOW}`,
      state: `"${this.name}";r=${Math.max(left, 0)};t=${this.#secondsUntil(endsAt)}`,
    };
  }

  #open(key: string): Account {
    const now = this.#now();
    const known = this.#accounts.get(key);
    if (known !== undefined && known.endsAt > now) {
      return known;
    }
    this.#accounts.delete(key);
    for (const [oldest, { endsAt }] of this.#accounts) {
      if (endsAt > now && this.#accounts.size < MOST_BUDGETS) {
        break;
      }
      this.#accounts.delete(oldest);
    }
    const account = { left: this.limit, endsAt: now + WINDOW * 1_000 };
    this.#accounts.set(key, account);
    return account;
  }

  #secondsUntil(time: number): number {
    return Math.max(Math.ceil((time - this.#now()) / 1_000), 1);
  }
}

/**
 * Limits the cost that one viewer, and one network address, may cause in a minute: the number of fields that their
 * operations are estimated to resolve. Each process counts on its own.
 */
export class Budget {
  readonly #viewers: Quota | null;
  readonly #addresses: Quota | null;
  readonly #subjects = new WeakMap<FastifyRequest, Subject>();

  /** @param now milliseconds, of a clock that is never set back */
  constructor({ perViewer, perAddress }: BudgetLimits, now: () => number = () => performance.now()) {
    this.#viewers = perViewer === null ? null : new Quota('viewer', perViewer, now);
    this.#addresses = perAddress === null ? null : new Quota('address', perAddress, now);
  }

  /**
   * Charges a request to its address before it is authenticated, since that takes work, too.
   *
   * @throws {RateLimited} if nothing is left
   */
  chargeRequest(request: FastifyRequest, address: string): void {
    if (this.#addresses === null) {
      return;
    }
    this.#subjects.set(request, { viewerId: null, address });
    refuseUntil(this.#chargeAddress(address, REQUEST_COST));
  }

  /**
   * Charges an authenticated request to its viewer.
   *
   * @throws {RateLimited} if nothing is left
   */
  chargeViewer(request: FastifyRequest, viewerId: string | null, address: string): void {
    if (this.#viewers === null) {
      return;
    }
    this.#subjects.set(request, { viewerId, address });
    refuseUntil(this.#chargeViewer(viewerId, REQUEST_COST));
  }

  /** Charges an operation before it runs. Returns the error if nothing is left. */
  chargeOperation({ viewerId, address }: Subject, cost: number): RateLimited | null {
    const wait = this.#chargeViewer(viewerId, cost) ?? this.#chargeAddress(address, cost);
    return wait === null ? null : rateLimited(wait);
  }

  /** Adds the rest of the budget to responses (draft-ietf-httpapi-ratelimit-headers-10). */
  announce(fastify: FastifyInstance): void {
    if (this.#viewers === null && this.#addresses === null) {
      return;
    }
    fastify.addHook('onSend', (request, reply, _payload, done) => {
      const subject = this.#subjects.get(request);
      const members = subject === undefined ? [] : this.#describe(subject);
      if (members.length > 0) {
        reply.header('ratelimit-policy', members.map(({ policy }) => policy).join(', '));
        reply.header('ratelimit', members.map(({ state }) => state).join(', '));
      }
      done();
    });
  }

  #chargeViewer(viewerId: string | null, cost: number): number | null {
    return viewerId === null || this.#viewers === null ? null : this.#viewers.charge(viewerId, cost);
  }

  #chargeAddress(address: string, cost: number): number | null {
    return this.#addresses === null ? null : this.#addresses.charge(networkOf(address), cost);
  }

  #describe({ viewerId, address }: Subject) {
    return [
      viewerId === null ? undefined : this.#viewers?.describe(viewerId),
      this.#addresses?.describe(networkOf(address)),
    ].filter((member) => member !== undefined);
  }
}

function refuseUntil(wait: number | null): void {
  if (wait !== null) {
    throw rateLimited(wait);
  }
}

function rateLimited(wait: number): RateLimited {
  return new RateLimited('The cost limit for this minute is used up. Wait before the next request.', wait);
}
