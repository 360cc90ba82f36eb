import { setImmediate } from 'node:timers/promises';
import type { Intent, IntentStore } from '../src/index.js';
import { money } from '../src/index.js';
import { sampleIntent } from './sample-intent.js';

/** One call and how it ended. */
interface Call {
  readonly what: 'begin' | 'replace';
  readonly intent: Intent;
  readonly startedAt: number;
  readonly tookMs: number;
  /** What it resolved to, as truth: begun, replaced. */
  readonly won: boolean;
  readonly error?: unknown;
}

export interface IntentTraffic {
  readonly calls: readonly Call[];
  wonSince(time: number): number;
  failedSince(time: number): number;
  stop(): Promise<void>;
  /** References where two calls won what only one may, or where what was stored is not what won. */
  faults(store: IntentStore): Promise<string[]>;
}

/** Two processes that begin the same references and then replace the same revisions, again and again. */
export function startIntentTraffic(
  stores: readonly IntentStore[],
  { workers = 4 } = {},
): IntentTraffic {
  const calls: Call[] = [];
  let isStopped = false;

  const call = async (what: Call['what'], store: IntentStore, intent: Intent): Promise<boolean> => {
    const startedAt = performance.now();
    const record = (end: { won: boolean; error?: unknown }) =>
      calls.push({ what, intent, startedAt, tookMs: performance.now() - startedAt, ...end });
    try {
      const won = (await store[what](intent)) !== false;
      record({ won });
      return won;
    } catch (error) {
      record({ won: false, error });
      return false;
    }
  };
  /** Each contender has an amount of its own, by which what is stored is told. */
  const contend = async (what: Call['what'], intent: Intent): Promise<boolean> => {
    const wins = await Promise.all(
      stores.map((store, index) =>
        call(what, store, { ...intent, amount: money(BigInt(index + 1), 'AED') }),
      ),
    );
    return wins.includes(true);
  };
  const work = async (worker: number) => {
    for (let number = 0; !isStopped; number += 1) {
      let intent: Intent = { ...sampleIntent, cartId: `${worker}-${number}` };
      let isWon = await contend('begin', intent);
      for (let revision = 1; isWon && revision <= 3; revision += 1) {
        intent = { ...intent, revision, checks: { count: revision, nothing: 0 } };
        isWon = await contend('replace', intent);
      }
      await setImmediate();
    }
  };
  const working = Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));
  const since = (time: number) => calls.filter(({ startedAt }) => startedAt > time);

  return {
    calls,
    wonSince: (time) => since(time).filter(({ won }) => won).length,
    failedSince: (time) => since(time).filter(({ error }) => error !== undefined).length,
    stop: async () => {
      isStopped = true;
      await working;
    },
    faults: async (store) => {
      const faults: string[] = [];
      const references = new Set(calls.map(({ intent }) => intent.cartId));
      for (const cartId of references) {
        const won = calls.filter((each) => each.won && each.intent.cartId === cartId);
        const revisions = won.map(({ intent }) => intent.revision);
        if (new Set(revisions).size < revisions.length) faults.push(`${cartId}: won twice`);
        const last = won.at(-1)?.intent;
        if (last === undefined) continue;
        const stored = await store.find(last);
        const isLost = stored === undefined || stored.revision < last.revision;
        const isOther =
          stored?.revision === last.revision && stored.amount.minor !== last.amount.minor;
        if (isLost || isOther) faults.push(`${cartId}: lost revision ${last.revision}`);
      }
      return faults;
    },
  };
}
