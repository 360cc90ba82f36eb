import { KEYS, MODES, nameOf, SHAPES, type Shape, TENANTS, tagOf } from './classes.js';
import type { Mode, Scope } from './history.js';
import { Prng } from './world/prng.js';

/** What happens in one interleaving. The network's delays are drawn while it runs, by the same seed. */
export interface Plan {
  readonly seed: number;
  readonly processes: number;
  readonly members: number;
  readonly steps: readonly Step[];
}

export interface Step {
  /** Milliseconds after the step before. */
  readonly gapMs: number;
  readonly action: Action;
}

export interface InvalidationPlan {
  readonly scope: Scope;
  /** Whether the write is named as the reason. */
  readonly named: boolean;
}

export type Action =
  | {
      readonly kind: 'read';
      readonly process: number;
      readonly shape: Shape;
      readonly mode: Mode;
      readonly id: number;
      readonly tenant: string | undefined;
      /** The last write of this process, or the newest that anybody was told of. */
      readonly token: 'none' | 'own' | 'newest';
    }
  | {
      readonly kind: 'write';
      readonly process: number;
      readonly key: string;
      readonly concern: 'one' | 'majority';
      readonly followUp?: InvalidationPlan | undefined;
      readonly followUpMs: number;
    }
  | ({ readonly kind: 'invalidate'; readonly process: number } & InvalidationPlan)
  | { readonly kind: 'pause'; readonly process: number; readonly ms: number }
  | { readonly kind: 'restart'; readonly process: number }
  | { readonly kind: 'cutRedis'; readonly process: number; readonly ms: number }
  | { readonly kind: 'cutMessages'; readonly process: number; readonly ms: number }
  | {
      readonly kind: 'cutMember';
      readonly process: number;
      readonly member: number;
      readonly ms: number;
    }
  | { readonly kind: 'lag'; readonly member: number; readonly lagMs: number; readonly ms: number }
  | { readonly kind: 'crash'; readonly member: number | 'primary'; readonly ms: number }
  | { readonly kind: 'stepDown' }
  | { readonly kind: 'freezeRedis'; readonly ms: number }
  | { readonly kind: 'restartRedis'; readonly data: 'kept' | 'older' | 'lost'; readonly ms: number }
  | { readonly kind: 'wipeRedis' }
  | { readonly kind: 'evictValue' }
  | { readonly kind: 'evictGeneration' }
  | { readonly kind: 'lose'; readonly rate: number; readonly ms: number };

type Trouble = Exclude<Action['kind'], 'read' | 'write' | 'invalidate'>;

/** How often each happens where it happens at all. */
const TROUBLES: Readonly<Record<Trouble, number>> = {
  pause: 4,
  restart: 3,
  cutRedis: 4,
  cutMessages: 4,
  cutMember: 3,
  lag: 5,
  crash: 3,
  stepDown: 2,
  freezeRedis: 2,
  restartRedis: 3,
  wipeRedis: 3,
  evictValue: 2,
  evictGeneration: 3,
  lose: 3,
};

/**
 * What makes one another worse: what Redis forgets shows where a member does not have it yet, and in a process
 * that has not heard of it.
 */
const TOGETHER: readonly (readonly Trouble[])[] = [
  ['wipeRedis', 'lag', 'restart'],
  ['restartRedis', 'lag', 'restart'],
  ['evictGeneration', 'evictValue', 'lag'],
  ['cutRedis', 'lag', 'crash'],
  ['freezeRedis', 'cutRedis', 'cutMember'],
  ['pause', 'cutMessages', 'lose'],
  ['crash', 'stepDown', 'cutMember'],
  ['cutRedis', 'cutMember', 'lag'],
];

const MOST_STEPS = 45;

/** A few processes, keys and kinds of trouble, never all at once: small worlds find the most. */
export const planOf = (seed: number): Plan => {
  const random = Prng.named(seed, 'plan');
  const processes = random.pick([2, 2, 3, 4]);
  const members = random.pick([3, 3, 4]);
  const draw = new Draw(random, Prng.named(seed, 'groups'), processes, members);
  const count = random.int(10, MOST_STEPS);
  const steps = Array.from({ length: count }, () => ({ gapMs: draw.gap(), action: draw.action() }));
  return { seed, processes, members, steps };
};

class Draw {
  readonly #random: Prng;
  /** For tags and tenants: of its own, so that seeds known for what they find go on finding it. */
  readonly #groups: Prng;
  readonly #processes: number;
  readonly #members: number;
  readonly #keys: readonly string[];
  readonly #shapes: readonly Shape[];
  readonly #modes: readonly Mode[];
  readonly #troubles: Readonly<Partial<Record<Trouble, number>>>;
  readonly #troubleRate: number;
  /** How often an answer is for a tenant. */
  readonly #tenantRate: number;
  /** Some worlds are in a hurry, in others much time goes by. */
  readonly #pace: number;

  constructor(random: Prng, groups: Prng, processes: number, members: number) {
    this.#random = random;
    this.#groups = groups;
    this.#tenantRate = groups.pick([0, 0, 0.5, 1]);
    this.#processes = processes;
    this.#members = members;
    this.#keys = random.shuffled(KEYS).slice(0, random.pick([1, 1, 2, 3]));
    this.#shapes = random.shuffled(SHAPES).slice(0, random.pick([1, 1, 2]));
    this.#modes = random.shuffled(MODES).slice(0, random.pick([1, 1, 2]));
    this.#troubleRate = random.pick([0, 0.1, 0.15, 0.2, 0.3, 0.3]);
    this.#troubles = this.#someTroubles();
    this.#pace = random.pick([0.3, 1, 1, 2]);
  }

  gap(): number {
    const random = this.#random;
    const kind = random.next();
    if (kind < 0.4) return random.between(0, 1) * this.#pace;
    if (kind < 0.8) return random.between(1, 15) * this.#pace;
    return (kind < 0.95 ? random.between(15, 150) : random.between(150, 900)) * this.#pace;
  }

  action(): Action {
    if (this.#random.chance(this.#troubleRate)) return this.#trouble();
    const kind = this.#random.weighted({ read: 6, write: 3, invalidate: 0.5 });
    if (kind === 'read') return this.#read();
    if (kind === 'write') return this.#write();
    return { kind, process: this.#process(), ...this.#invalidation(this.#key()) };
  }

  #read(): Action {
    const random = this.#random;
    return {
      kind: 'read',
      process: this.#process(),
      shape: random.pick(this.#shapes),
      mode: random.pick(this.#modes),
      id: Number(this.#key().split(':')[1]),
      token: random.weighted({ none: 6, own: 1, newest: 1 }),
      tenant: this.#groups.chance(this.#tenantRate) ? this.#groups.pick(TENANTS) : undefined,
    };
  }

  #write(): Action {
    const random = this.#random;
    const key = this.#key();
    return {
      kind: 'write',
      process: this.#process(),
      key,
      concern: random.weighted({ majority: 3, one: 1 }),
      followUp: random.chance(0.85) ? this.#invalidation(key) : undefined,
      followUpMs: random.chance(0.7) ? 0 : random.between(0, 100),
    };
  }

  #invalidation(key: string): InvalidationPlan {
    const random = this.#random;
    const kind = random.weighted({ collection: 5, documents: 3, class: 1, all: 1 });
    const named = random.chance(0.6);
    const [collection = '', id] = key.split(':');
    const group = this.#groups.weighted({ none: 8, tag: 1, tenant: 1 });
    if (group === 'tag')
      return {
        scope: { kind: group, name: tagOf(Number(id)) },
        named,
      };
    if (group === 'tenant' && this.#tenantRate > 0) {
      return { scope: { kind: group, name: this.#groups.pick(TENANTS) }, named };
    }
    if (kind === 'collection') return { scope: { kind, collection }, named };
    if (kind === 'documents') return { scope: { kind, keys: [key] }, named };
    if (kind === 'all') return { scope: { kind }, named };
    const name = nameOf(random.pick(this.#shapes), random.pick(this.#modes));
    return { scope: { kind, name }, named };
  }

  #trouble(): Action {
    const random = this.#random;
    const kind = random.weighted(this.#troubles as Record<Trouble, number>);
    const process = this.#process();
    const ms = this.#lastingMs();
    const member = random.int(0, this.#members - 1);
    switch (kind) {
      case 'pause':
      case 'cutRedis':
      case 'cutMessages':
        return { kind, process, ms };
      case 'restart':
        return { kind, process };
      case 'cutMember':
        return { kind, process, member, ms };
      case 'lag':
        return { kind, member, lagMs: random.between(20, 2_500), ms: random.between(300, 4_000) };
      case 'crash':
        return { kind, member: random.chance(0.6) ? 'primary' : member, ms };
      case 'freezeRedis':
        return { kind, ms };
      case 'restartRedis':
        return { kind, data: random.pick(['kept', 'older', 'older', 'older', 'lost']), ms };
      case 'lose':
        return { kind, rate: random.pick([0.1, 0.5, 1]), ms };
      default:
        return { kind };
    }
  }

  #someTroubles(): Partial<Record<Trouble, number>> {
    const random = this.#random;
    const names = Object.keys(TROUBLES) as Trouble[];
    const some = random.chance(0.6)
      ? [...random.pick(TOGETHER), ...random.shuffled(names).slice(0, random.int(0, 1))]
      : random.shuffled(names).slice(0, random.int(1, 4));
    return Object.fromEntries(some.map((name) => [name, TROUBLES[name]]));
  }

  #lastingMs(): number {
    const random = this.#random;
    return random.chance(0.5) ? random.between(5, 200) : random.between(200, 2_500);
  }

  #process(): number {
    return this.#random.int(0, this.#processes - 1);
  }

  #key(): string {
    return this.#random.pick(this.#keys);
  }
}
