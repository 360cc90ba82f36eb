import type {
  CircuitBreaker,
  CircuitBreakerRegistry,
  Clock,
  Permit,
} from '@nestcms/circuit-breaker';
import type { AnyPipelineClass } from '../classes/pipeline-class.js';
import type { BreakerTuning } from '../options.js';
import type { MemberState } from '../ports/source.js';
import { Bulkhead } from './bulkhead.js';
import type { LagProbe } from './lag-probe.js';
import { everyRoute, idOf, type Route } from './routes.js';
import type { KnownMember } from './topology-view.js';

/** What is kept about a route. */
export interface MemberRecord {
  /** Hears of every read; lets those of classes through that have none of their own. */
  readonly breaker: CircuitBreaker;
  /** Of classes with changes to it, by name. */
  readonly ownBreakers: Map<string, CircuitBreaker>;
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

/** A class, as far as breakers go. */
type Guarded = Pick<AnyPipelineClass, 'name' | 'breaker'>;

/** The right to ask a member once. */
export type MemberPermit = Pick<Permit, 'isSettled' | 'success' | 'failure' | 'ignore'>;

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
      const { maxPoolSize } = this.#parts;
      record = {
        breaker: this.#breaker(id, this.#parts.memberBreaker),
        ownBreakers: new Map(),
        bulkhead: new Bulkhead(maxPoolSize || Number.POSITIVE_INFINITY),
        asked: 0,
        hedged: 0,
      };
      this.#records.set(id, record);
    }
    return record;
  }

  /** Undefined: the breaker lets nothing of this class through. */
  acquire(route: Pick<Route, 'id'>, pipelineClass: Guarded): MemberPermit | undefined {
    const { breaker } = this.of(route);
    const own = this.#ownBreaker(route, pipelineClass);
    if (own === undefined) return breaker.tryAcquire();
    const permit = own.tryAcquire();
    return permit && both(permit, breaker.tryAcquire());
  }

  /** Nothing is let through for a while. */
  trip(route: Pick<Route, 'id'>, pipelineClass: Guarded): void {
    this.of(route).breaker.trip();
    this.#ownBreaker(route, pipelineClass)?.trip();
  }

  /** Whether its breaker, or that of the class, lets nothing through; makes none. */
  isOpen({ id }: Pick<Route, 'id'>, pipelineClass?: Guarded): boolean {
    const record = this.#records.get(id);
    const breaker =
      pipelineClass?.breaker === undefined
        ? record?.breaker
        : record?.ownBreakers.get(pipelineClass.name);
    return breaker?.state === 'open';
  }

  /** Whether reads have taken all connections to it. */
  isBusy({ id }: Pick<Route, 'id'>): boolean {
    return this.#records.get(id)?.bulkhead.isFull ?? false;
  }

  #ownBreaker(route: Pick<Route, 'id'>, { name, breaker: tuning }: Guarded) {
    if (tuning === undefined) return undefined;
    const { ownBreakers } = this.of(route);
    let own = ownBreakers.get(name);
    if (own === undefined) {
      own = this.#breaker(`${route.id}:${name}`, { ...this.#parts.memberBreaker, ...tuning });
      ownBreakers.set(name, own);
    }
    return own;
  }

  #breaker(id: string, tuning: BreakerTuning): CircuitBreaker {
    const { breakers, keyPrefix, clock } = this.#parts;
    return breakers.getOrCreate({ ...tuning, name: `${keyPrefix}:member:${id}`, clock });
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

/** One read, told to both; the second may have let nothing through. */
const both = (permit: Permit, other: Permit | undefined): MemberPermit => ({
  get isSettled() {
    return permit.isSettled;
  },
  success() {
    permit.success();
    other?.success();
  },
  failure(error) {
    permit.failure(error);
    other?.failure(error);
  },
  ignore() {
    permit.ignore();
    other?.ignore();
  },
});
