import { isAggregationCacheError } from '../../src/errors.js';
import { findStale, type StaleAnswer } from './checker.js';
import { classOf, keysRead, nameOf, tagOf } from './classes.js';
import type { History, HistoryCall, InvalidateCall, ReadCall, WriteCall } from './history.js';
import { makeTrouble, troubleInWords } from './make-trouble.js';
import type { Action, InvalidationPlan, Plan } from './plan.js';
import { HEARTBEAT_MS } from './world/simulated-process.js';
import { tokenOf } from './world/times.js';
import { type Planted, type Process, World } from './world/world.js';

/** Milliseconds. After so long without trouble everybody has heard of everything. */
const CALM_MS = 2_600;
/** The longest that anything may wait for. */
const PATIENCE_MS = 30_000;

export interface Outcome {
  readonly plan: Plan;
  readonly history: History;
  /** What happened beside the calls, in words. */
  readonly troubles: readonly { readonly order: number; readonly text: string }[];
  readonly stale: readonly StaleAnswer[];
  /** Calls that were never answered. */
  readonly unanswered: readonly HistoryCall[];
  /** Reads that failed though all was well again. */
  readonly refused: readonly ReadCall[];
}

export const isWrong = ({ stale, unanswered, refused }: Outcome): boolean =>
  stale.length + unanswered.length + refused.length > 0;

export const runPlan = async (plan: Plan, planted: Planted = {}): Promise<Outcome> =>
  new Run(plan, planted).run();

type Question = Pick<
  Extract<Action, { readonly kind: 'read' }>,
  'shape' | 'mode' | 'id' | 'tenant' | 'token'
>;
type Draft<T> = { -readonly [K in keyof T]: T[K] };

class Run {
  readonly #plan: Plan;
  readonly #world: World;
  readonly #calls: HistoryCall[] = [];
  readonly #troubles: { order: number; text: string }[] = [];
  /** The last write that each process was told of, and the newest of all. */
  readonly #tokens = new Map<string, number>();

  constructor(plan: Plan, planted: Planted) {
    this.#plan = plan;
    this.#world = new World(plan, planted);
  }

  async run(): Promise<Outcome> {
    const { scheduler } = this.#world;
    let at = 0;
    for (const { gapMs, action } of this.#plan.steps) {
      at += gapMs;
      await scheduler.runUntil(at);
      this.#act(action);
      scheduler.touch();
    }
    this.#world.heal();
    this.#note('all is well again');
    await scheduler.runUntil(at + CALM_MS);
    const calm = this.#calls.length;
    this.#readEverywhere();
    await this.#untilAnswered(at + CALM_MS);
    return this.#outcome(calm);
  }

  #outcome(calm: number): Outcome {
    const history = { calls: this.#calls, writes: this.#world.set.writes };
    const { dead } = this.#world;
    return {
      plan: this.#plan,
      history,
      troubles: this.#troubles,
      stale: findStale(history, HEARTBEAT_MS),
      unanswered: this.#calls.filter((call) => !isOver(call) && !dead.has(call.process)),
      refused: this.#calls
        .slice(calm)
        .filter((call): call is ReadCall => call.kind === 'read' && call.failure !== undefined),
    };
  }

  async #untilAnswered(from: number): Promise<void> {
    const { scheduler } = this.#world;
    for (let waited = 0; waited < PATIENCE_MS; waited += 500) {
      await scheduler.runUntil(from + waited);
      await scheduler.quiet();
      if (this.#calls.every((call) => isOver(call) || this.#world.dead.has(call.process))) return;
    }
  }

  /** What was kept wrongly shows here at the latest. */
  #readEverywhere(): void {
    const asked = new Set<string>();
    for (const { action } of this.#plan.steps) {
      if (action.kind !== 'read') continue;
      const { shape, mode, id, tenant } = action;
      for (const process of this.#world.processes) {
        const question = `${process.host.name} ${nameOf(shape, mode)} ${id} ${tenant}`;
        if (asked.has(question)) continue;
        asked.add(question);
        this.#read(process, { shape, mode, id, tenant, token: 'none' });
      }
    }
  }

  #act(action: Action): void {
    switch (action.kind) {
      case 'read':
      case 'write':
      case 'invalidate': {
        const process = this.#world.processes[action.process] as Process;
        // A process that is paused asks nothing; what it is told to do, it does when it goes on.
        process.host.deliver(() => {
          if (action.kind === 'read') this.#read(process, action);
          else if (action.kind === 'write') void this.#write(process, action);
          else void this.#invalidate(process, action);
        });
        return;
      }
      default:
        this.#note(troubleInWords(action));
        makeTrouble(this.#world, action);
    }
  }

  #read({ host, cache }: Process, { shape, mode, id, tenant, token }: Question): void {
    const after =
      token === 'none' ? undefined : this.#tokens.get(token === 'own' ? host.name : 'newest');
    const call: Draft<ReadCall> = {
      kind: 'read',
      process: host.name,
      begin: this.#world.moment(),
      name: nameOf(shape, mode),
      mode,
      keys: keysRead(shape, id),
      tags: [tagOf(id)],
      tenant,
      after,
    };
    this.#calls.push(call);
    cache
      .read(classOf(shape, mode), id, {
        tenant,
        ...(after !== undefined && { after: tokenOf(after) }),
      })
      .then(
        ({ rows, source }) => {
          call.rows = rows;
          call.from = source;
        },
        (error: unknown) => {
          call.failure = codeOf(error);
        },
      )
      .finally(() => {
        call.end = this.#world.moment();
      });
  }

  async #write(
    process: Process,
    { key, concern, followUp, followUpMs }: Extract<Action, { readonly kind: 'write' }>,
  ): Promise<void> {
    const { host, database } = process;
    const call: Draft<WriteCall> = {
      kind: 'write',
      process: host.name,
      begin: this.#world.moment(),
      key,
    };
    this.#calls.push(call);
    const written = await database.write(key, concern, (number) => {
      call.write = number;
    });
    call.end = this.#world.moment();
    if (written === undefined) {
      call.failure = 'UNKNOWN';
      return;
    }
    this.#tokens.set(host.name, written.time);
    this.#tokens.set('newest', Math.max(written.time, this.#tokens.get('newest') ?? 0));
    if (followUp === undefined) return;
    const invalidate = () => void this.#invalidate(process, followUp, written.time);
    if (followUpMs > 0) host.clock.setTimer(invalidate, followUpMs);
    else invalidate();
  }

  async #invalidate(
    { host, cache }: Process,
    { scope, named }: InvalidationPlan,
    time = this.#tokens.get(host.name),
  ): Promise<void> {
    const after = named ? time : undefined;
    const call: Draft<InvalidateCall> = {
      kind: 'invalidate',
      process: host.name,
      begin: this.#world.moment(),
      scope,
      after,
    };
    this.#calls.push(call);
    try {
      const token = after === undefined ? {} : { after: tokenOf(after) };
      const { published } = await cache.invalidate({ ...invalidationOf(scope), ...token });
      call.published = published;
    } catch (error) {
      call.failure = codeOf(error);
    }
    call.end = this.#world.moment();
  }

  #note(text: string): void {
    this.#troubles.push({ order: this.#world.moment().order, text });
  }
}

const isOver = ({ end }: HistoryCall): boolean => end !== undefined;

const codeOf = (error: unknown): string =>
  isAggregationCacheError(error) ? error.code : String((error as Error)?.stack ?? error);

const invalidationOf = (scope: InvalidateCall['scope']) => {
  switch (scope.kind) {
    case 'collection':
      return { collections: [scope.collection] };
    case 'documents':
      return {
        documents: scope.keys.map((key) => {
          const [collection = '', id] = key.split(':');
          return { collection, ids: [Number(id)] };
        }),
      };
    case 'class':
      return { classes: [scope.name] };
    case 'tag':
      return { tags: [scope.name] };
    case 'tenant':
      return { tenants: [scope.name] };
    case 'all':
      return { all: true };
  }
};
