import type { CircuitBreaker, CircuitBreakerRegistry, Clock } from '@nestcms/circuit-breaker';
import type { BreakerTuning } from '../options.js';
import type { MemberState } from '../ports/source.js';
import { Bulkhead } from './bulkhead.js';
import type { LagProbe } from './lag-probe.js';
import { everyRoute, idOf, type Route } from './routes.js';
import type { KnownMember } from './topology-view.js';

/** What is kept about a route. */
export interface MemberRecord {
  readonly breaker: CircuitBreaker;
  /**
   * As wide as the driver's pool: a read waits for a connection here, where its time has not begun, so that
   * a busy pool is never taken for a dead member.
   */
  readonly bulkhead: Bulkhead;
  asked: number;
  hedged: number;
}

export interface MemberBookParts {
  readonly breakers: CircuitBreakerRegistry;
  readonly memberBreaker: BreakerTuning;
  /** Begins the names of the breakers. */
  readonly keyPrefix: string;
  readonly clock: Clock;
  /** 0 means: as many as are needed. */
  readonly maxPoolSize: number;
}

/** Breaker, bulkhead and counts of each route. */
export class MemberBook {
  readonly #parts: MemberBookParts;
  readonly #records = new Map<string, MemberRecord>();

  constructor(parts: MemberBookParts) {
    this.#parts = parts;
  }

  of({ id }: Pick<Route, 'id'>): MemberRecord {
    let record = this.#records.get(id);
    if (record === undefined) {
      const { breakers, memberBreaker, keyPrefix, clock, maxPoolSize } = this.#parts;
      const name = `${keyPrefix}:member:${id}`;
      record = {
        breaker: breakers.getOrCreate({ ...memberBreaker, name, clock }),
        bulkhead: new Bulkhead(maxPoolSize || Number.POSITIVE_INFINITY),
        asked: 0,
        hedged: 0,
      };
      this.#records.set(id, record);
    }
    return record;
  }

  /** Whether its breaker lets nothing through; makes none. */
  isOpen({ id }: Pick<Route, 'id'>): boolean {
    return this.#records.get(id)?.breaker.state === 'open';
  }

  /** Whether reads have taken all connections to it. */
  isBusy({ id }: Pick<Route, 'id'>): boolean {
    return this.#records.get(id)?.bulkhead.isFull ?? false;
  }

  states(members: readonly KnownMember[], lag: LagProbe): readonly MemberState[] {
    const routes = everyRoute(members);
    return members.map((member) => {
      const { address, tags, role } = member;
      const route = routes.find((one) => one.members.includes(member));
      const record = this.#records.get(route?.id ?? idOf(members));
      return {
        address,
        tags: { ...tags },
        role,
        lagMs: role === 'primary' ? 0 : lag.lagMs(address),
        breaker: record?.breaker.state ?? 'closed',
        asked: record?.asked ?? 0,
        hedged: record?.hedged ?? 0,
      };
    });
  }
}
