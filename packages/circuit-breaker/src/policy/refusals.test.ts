import { describe, expect, it, vi } from 'vitest';
import { refusalOf } from '../../test/support/refusal.js';
import { InvalidSnapshotError } from '../errors.js';
import type { OnListenerError } from '../events/listener-failure.js';
import { LONGEST_MS } from '../validation.js';
import { adaptive } from './bulkhead/adaptive.js';
import { type FallbackPolicy, fallback } from './fallback.js';
import {
  type FaultInjectionOptions,
  type FaultInjectionPolicy,
  faultInjection,
} from './fault-injection.js';
import { hedge } from './hedge.js';
import { standardHedgedHttp, standardHttp } from './standard-http.js';

const down = () => Promise.reject(new Error('down'));
const fault = { kind: 'error' } as const;

describe('a refused option', () => {
  it.each<[refused: () => unknown, option: string, allowed: string]>([
    [() => hedge({ delayMs: -1 }), 'delayMs', 'a number from 0 to 2592000000 (ms)'],
    [() => hedge({ delayMs: null as never }), 'delayMs', 'a number from 0 to 2592000000 (ms)'],
    [
      () => hedge({ delayMs: { percentile: 0.4 } }),
      'delayMs.percentile',
      'a number from 0.5 to 0.999',
    ],
    [
      () => hedge({ delayMs: { minMs: -1 } }),
      'delayMs.minMs',
      'a number from 0 to 2592000000 (ms)',
    ],
    [() => hedge({ maxHedges: 1.5 }), 'maxHedges', 'a whole number from 1 to 10 (attempts)'],
    [() => fallback({ handlers: [] as never }), 'handlers', 'a list of at least one function'],
    [() => faultInjection({ rate: 2, fault }), 'rate', 'a number from 0 to 1'],
    [
      () => faultInjection({ rate: 1, fault, seed: 1, random: () => 0 }),
      'seed',
      'left out beside random',
    ],
    [
      () => faultInjection({ rate: 1, fault: { kind: 'latency', latencyMs: -1 } }),
      'fault.latencyMs',
      'a number from 0 to 2592000000 (ms)',
    ],
    [
      () => faultInjection({ rate: 1, fault: { kind: 'result', result: 5 as never } }),
      'fault.result',
      'a function',
    ],
    [() => faultInjection({ rate: 1, fault: null as never }), 'fault', 'an object'],
    [() => adaptive({ min: 0 }), 'min', 'a whole number from 1 to 100000 (calls)'],
    [() => adaptive({ min: 5, max: 4 }), 'max', 'a whole number from 5 to 100000 (calls)'],
    [
      () => adaptive({ min: 5, max: 9, initial: 4 }),
      'initial',
      'a whole number from 5 to 9 (calls)',
    ],
    [() => adaptive({ latencyTolerance: 1 }), 'latencyTolerance', 'a number above 1 to 100'],
    [() => adaptive({ failureTolerance: -1 }), 'failureTolerance', 'a number from 0 to 1'],
    [
      () => standardHttp({ name: 'x', totalTimeoutMs: 0 }),
      'totalTimeoutMs',
      'a number above 0 to 2592000000 (ms)',
    ],
    [
      () => standardHttp({ name: 'x', totalTimeoutMs: 8000 }),
      'attemptTimeoutMs',
      'below totalTimeoutMs (8000 ms)',
    ],
    [
      () => standardHttp({ name: 'x', bulkhead: { maxQueue: -1 } }),
      'bulkhead.maxQueue',
      'a whole number from 0 to 1000000 (calls)',
    ],
  ])('is named together with what is allowed (%#)', (refused, option, allowed) => {
    expect(refusalOf(refused)).toMatchObject({ option, allowed });
  });

  it('is named together with the known ones, where it is unknown', () => {
    const unknown = { name: 'x', unknown: 1 } as never;
    expect(refusalOf(() => standardHttp(unknown)).allowed).toBe(
      'left out, for it is unknown (known: name, totalTimeoutMs, attemptTimeoutMs, bulkhead, retry, budget, breaker, random, clock, onListenerError)',
    );
    expect(refusalOf(() => standardHedgedHttp(unknown)).allowed).toContain(
      'onListenerError, hedge)',
    );
    expect(refusalOf(() => adaptive(unknown)).allowed).toContain(
      '(known: kind, initial, min, max, latencyTolerance, failureTolerance, classify)',
    );
  });
});

describe('a callback', () => {
  const reportOf = async (
    make: (onListenerError: OnListenerError) => FallbackPolicy<unknown> | FaultInjectionPolicy,
  ) => {
    const onListenerError = vi.fn();
    await make(onListenerError)
      .execute(down)
      .catch(() => {});
    return onListenerError.mock.calls.map(([{ error }]) => error.message);
  };
  const injected = (options: Partial<FaultInjectionOptions<never>>) =>
    reportOf((onListenerError) =>
      faultInjection({ rate: 1, enabled: true, fault, onListenerError, ...options }),
    );

  it('that answers with something else is told what was expected', async () => {
    const asked = { handlers: [() => 1], shouldHandle: (() => 'yes') as never } as const;
    expect(await reportOf((onListenerError) => fallback({ ...asked, onListenerError }))).toEqual([
      'shouldHandle must return true or false.',
    ]);
    expect(await injected({ enabled: (() => 1) as never })).toEqual([
      'enabled must return true or false.',
    ]);
    for (const ms of [-1, LONGEST_MS + 1, '5']) {
      const latencyMs = () => ms as number;
      expect(await injected({ fault: { kind: 'latency', latencyMs } })).toEqual([
        'latencyMs must return milliseconds from 0.',
      ]);
    }
  });

  it('that answers with the longest time there is is not reported', async () => {
    const onListenerError = vi.fn();
    const latencyMs = () => LONGEST_MS;
    const policy = faultInjection({
      rate: 1,
      enabled: true,
      fault: { kind: 'latency', latencyMs },
      clock: { now: () => 0, wallTime: () => 0, setTimer: () => () => {} },
      onListenerError,
    });
    const operation = vi.fn();
    void policy.execute(operation);
    expect([operation.mock.calls.length, onListenerError.mock.calls.length]).toEqual([0, 0]);
  });
});

describe('a fault', () => {
  it('stays as it was when the policy was made', async () => {
    const mine = { kind: 'error', error: () => new Error('first') };
    const policy = faultInjection({ rate: 1, enabled: true, fault: mine as typeof fault });
    mine.error = () => new Error('second');
    await expect(policy.execute(() => 1)).rejects.toThrow('first');
  });
});

describe('a fallback', () => {
  it('hides no mistake in a snapshot', async () => {
    const error = new InvalidSnapshotError({ path: '', allowed: 'an object' });
    await expect(fallback(() => 'cached').execute(() => Promise.reject(error))).rejects.toBe(error);
  });
});
