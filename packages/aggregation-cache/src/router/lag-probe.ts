import type { Clock } from '@nestcms/circuit-breaker';
import { invalidOption } from '../errors.js';
import type { Hello } from './hello.js';
import { OplogTrail } from './oplog-trail.js';
import { everyRoute, type Route } from './routes.js';
import type { TopologyView } from './topology-view.js';

/** Milliseconds that the secondaries wait for the primary's answer, so that theirs is compared with one that is not younger. */
const PRIMARY_FIRST_MS = 250;

/** @throws INVALID_OPTION for a budget that is over before a probe can tell */
export const checkLagBudget = (lagBudgetMs: number | undefined, lagProbeMs: number): void => {
  if (lagBudgetMs === undefined || lagBudgetMs >= lagProbeMs) return;
  throw invalidOption('lagBudgetMs', lagBudgetMs, `at least lagProbeMs, ${lagProbeMs} (ms)`);
};

interface Sounding {
  /** When it last answered; undefined: never. */
  heardAt: number | undefined;
  /** Since when it lacks something, or is not heard of; undefined: it has everything. */
  behindSince: number | undefined;
}

export interface LagProbeParts {
  readonly view: TopologyView;
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly ask: (route: Route) => Promise<Hello | undefined>;
  /** Whether reads have taken all connections to it: then silence says nothing. */
  readonly isBusy: (route: Route) => boolean;
}

/** Asks each member again and again how far it is, and so knows by how much it lags. */
export class LagProbe {
  readonly #parts: LagProbeParts;
  readonly #trail = new OplogTrail();
  readonly #soundings = new Map<string, Sounding>();
  /** Routes whose last question is not answered yet: no other is sent after it. */
  readonly #asking = new Map<string, { readonly since: number }>();
  readonly #stopWatching: () => void;
  #cancelTimer: (() => void) | undefined;
  #isClosed = false;

  constructor(parts: LagProbeParts) {
    this.#parts = parts;
    this.#stopWatching = parts.view.onChange(() => this.#forgetAbsent());
  }

  /** Idempotent. Nothing is asked before the first read wants an answer. */
  start(): void {
    if (this.#isClosed || this.#cancelTimer !== undefined) return;
    this.#round();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.#stopWatching();
  }

  /** Milliseconds that the member lags; undefined if nothing is known of it yet. */
  lagMs(address: string): number | undefined {
    const sounding = this.#soundings.get(address);
    if (sounding === undefined) return undefined;
    if (sounding.behindSince === undefined) return sounding.heardAt === undefined ? undefined : 0;
    return Math.max(0, this.#parts.clock.now() - sounding.behindSince);
  }

  /** The lag of the member that lags most, as it may be the one that answers; the primary lags behind nobody. */
  lagOf(route: Route): number | undefined {
    if (route.role !== 'secondary') return route.role === 'primary' ? 0 : undefined;
    const known = route.members.flatMap(({ address }) => this.lagMs(address) ?? []);
    return known.length === 0 ? undefined : Math.max(...known);
  }

  #round(): void {
    const { clock, intervalMs, view } = this.#parts;
    this.#cancelTimer = clock.setTimer(() => this.#round(), intervalMs, { background: true });
    if (view.shape !== 'replicaSet') return;
    const routes = everyRoute(view.members);
    const primary = routes.find(({ role }) => role === 'primary');
    const secondaries = routes.filter((route) => route !== primary);
    const askSecondaries = once(() => {
      if (!this.#isClosed) for (const route of secondaries) void this.#ask(route);
    });
    if (primary === undefined) {
      askSecondaries();
      return;
    }
    const cancel = clock.setTimer(askSecondaries, Math.min(PRIMARY_FIRST_MS, intervalMs), {
      background: true,
    });
    void this.#ask(primary).then(() => {
      cancel();
      askSecondaries();
    });
  }

  /** Never rejects. */
  async #ask(route: Route): Promise<void> {
    const { clock, intervalMs, ask } = this.#parts;
    const open = this.#asking.get(route.id);
    if (open !== undefined) {
      if (clock.now() - open.since >= intervalMs) this.#silent(route, open.since);
      return;
    }
    const asking = { since: clock.now() };
    this.#asking.set(route.id, asking);
    for (const { address } of route.members) {
      if (!this.#soundings.has(address)) {
        this.#soundings.set(address, { heardAt: undefined, behindSince: undefined });
      }
    }
    // As many as there are members that the driver cannot tell apart: it spreads them, and each names itself.
    const answers = await Promise.all(
      route.members.map(async () => {
        try {
          const hello = await ask(route);
          if (hello !== undefined) this.#heard(route, hello, asking.since);
          // A server that does not say how far it is has no lag that could be known.
          return true;
        } catch {
          return false;
        }
      }),
    );
    this.#asking.delete(route.id);
    if (!answers.includes(true)) this.#silent(route, asking.since);
  }

  #heard(route: Route, hello: Hello, askedAt: number): void {
    const { clock, view } = this.#parts;
    if (this.#isClosed || hello.isPrimary !== (route.role === 'primary')) return;
    if (hello.isPrimary) this.#trail.add(hello, { askedAt, answeredAt: clock.now() });
    const member = route.members.find(({ address }) => address === hello.me);
    if (member === undefined || !view.members.some(({ address }) => address === hello.me)) return;
    this.#soundings.set(member.address, {
      heardAt: askedAt,
      behindSince: hello.isPrimary ? undefined : this.#trail.behindSince(hello),
    });
  }

  /** What it has cannot be known: it may lack all that was written since it was last heard of. */
  #silent(route: Route, askedAt: number): void {
    if (this.#parts.isBusy(route)) return;
    for (const { address } of route.members) {
      const sounding = this.#soundings.get(address);
      if (sounding !== undefined) sounding.behindSince ??= sounding.heardAt ?? askedAt;
    }
  }

  /** A member that comes back may have older data than it had. */
  #forgetAbsent(): void {
    const present = new Set(this.#parts.view.members.map(({ address }) => address));
    for (const address of this.#soundings.keys()) {
      if (!present.has(address)) this.#soundings.delete(address);
    }
  }
}

const once = (work: () => void): (() => void) => {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    work();
  };
};
