import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Deferred, deferred, flush } from '../../../test/support/deferred.js';
import {
  bulkhead,
  isCircuitBreakerError,
  type OperationContext,
  pipeline,
  timeout,
} from '../../index.js';
import { ManualClock } from '../../testing/index.js';

interface Guest {
  readonly controller: AbortController;
  readonly operation: Deferred<void>;
  readonly priority: number;
  hasBegun: boolean;
  isRunning: boolean;
  answers: number;
  /** Why it was refused, if it was. */
  refusal: string | undefined;
}

const HOW = ['slow', 'heeding', 'broken', 'limited outside', 'limited inside'] as const;

/** A bulkhead and its guests, who count for themselves how many of their operations run. */
const open = (places: number, maxQueue: number, abandonAfterMs: number) => {
  const clock = new ManualClock();
  const policy = bulkhead({
    maxConcurrent: places,
    maxQueue,
    maxQueueMs: 300,
    abandonAfterMs,
    clock,
  });
  const limited = pipeline([policy, timeout({ timeoutMs: 150, clock })]);
  const guests: Guest[] = [];
  const seen = { most: 0 };
  const running = () => guests.filter(({ isRunning }) => isRunning).length;

  const come = (how: (typeof HOW)[number], priority: number) => {
    const guest: Guest = {
      controller: new AbortController(),
      operation: deferred<void>(),
      priority,
      hasBegun: false,
      isRunning: false,
      answers: 0,
      refusal: undefined,
    };
    guests.push(guest);
    const run = async ({ signal }: OperationContext) => {
      guest.hasBegun = true;
      guest.isRunning = true;
      seen.most = Math.max(seen.most, running());
      if (how === 'heeding') signal.addEventListener('abort', () => guest.operation.resolve());
      await guest.operation.promise;
      guest.isRunning = false;
    };
    const breaks = () => {
      throw new Error('at once');
    };
    const options = { priority, signal: guest.controller.signal };
    const answered = (how === 'limited inside' ? limited : policy).execute(
      how === 'broken' ? breaks : run,
      how === 'limited outside' ? { ...options, timeoutMs: 200 } : options,
    );
    const leaves = (error?: unknown) => {
      guest.answers += 1;
      if (isCircuitBreakerError(error, 'BULKHEAD_FULL')) guest.refusal = error.reason;
    };
    answered.then(() => leaves(), leaves);
  };
  return { clock, policy, guests, come, running, seen };
};

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('come' as const),
      how: fc.constantFrom(...HOW),
      priority: fc.integer({ min: -1, max: 1 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('abort' as const), at: fc.nat(40) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('end' as const), at: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(200) }) },
);

const schedules = fc.record({
  places: fc.integer({ min: 1, max: 3 }),
  maxQueue: fc.integer({ min: 0, max: 4 }),
  steps: fc.array(step, { minLength: 5, maxLength: 40 }),
});

type House = ReturnType<typeof open>;
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const take = ({ clock, guests, come }: House, taken: Step) => {
  if (taken.kind === 'come') come(taken.how, taken.priority);
  else if (taken.kind === 'pass') clock.advance(taken.ms);
  else {
    const guest = guests[taken.at];
    if (taken.kind === 'abort') guest?.controller.abort();
    else guest?.operation.resolve();
  }
};

/** Who waits now. */
const waitingIn = ({ guests }: House) =>
  guests.filter(({ answers, hasBegun }) => answers === 0 && !hasBegun);

/** Whom a newcomer displaced: only one of a lower priority, and of those none but the lowest and last. */
const expectFairDisplacement = (house: House, before: readonly Guest[]) => {
  const newcomer = house.guests.at(-1) as Guest;
  const displaced = before.filter(({ refusal }) => refusal === 'displaced');
  const waiting = waitingIn(house);
  const isLast = ({ priority }: Guest) => waiting.every((guest) => guest.priority >= priority);
  expect(displaced.length).toBeLessThanOrEqual(1);
  for (const guest of displaced) {
    expect([guest.priority < newcomer.priority, isLast(guest)]).toEqual([true, true]);
    const equals = before.filter(({ priority }) => priority === guest.priority);
    expect(equals.at(-1)).toBe(guest);
  }
  if (newcomer.refusal === 'queueFull') expect(isLast(newcomer)).toBe(true);
};

/** Ends all that runs, and what begins when it has ended. */
const close = async ({ clock, guests }: House) => {
  for (const { operation } of guests) operation.resolve();
  await clock.advanceAsync(1000);
};

describe('whatever calls, ends, aborts and time limits come in between', () => {
  it('no more operations run than there are places, and nobody waits beside a free one', async () => {
    await fc.assert(
      fc.asyncProperty(schedules, async ({ places, maxQueue, steps }) => {
        // A place is never given up in so short a time.
        const house = open(places, maxQueue, 1_000_000);
        const { policy } = house;
        for (const taken of steps) {
          const before = waitingIn(house);
          take(house, taken);
          await flush();
          if (taken.kind === 'come') expectFairDisplacement(house, before);
          expect(policy.running).toBe(house.running());
          expect(policy.queued).toBeLessThanOrEqual(maxQueue);
          expect(policy.queued === 0 || policy.running === places).toBe(true);
        }
        await close(house);
        expect(house.seen.most).toBeLessThanOrEqual(places);
        expect(house.guests.every(({ answers }) => answers === 1)).toBe(true);
        const { running, queued, abandoned } = policy;
        expect([running, queued, abandoned, house.clock.pendingTimers]).toEqual([0, 0, 0, 0]);
      }),
      { numRuns: 150 },
    );
  });

  it('all places come back once each, also those that were given up', async () => {
    await fc.assert(
      fc.asyncProperty(schedules, async ({ places, maxQueue, steps }) => {
        const house = open(places, maxQueue, 120);
        const { policy } = house;
        for (const taken of steps) {
          take(house, taken);
          await flush();
          expect(policy.running).toBeLessThanOrEqual(places);
          expect(policy.abandoned).toBeLessThanOrEqual(policy.running);
          expect(policy.queued === 0 || policy.running === places).toBe(true);
        }
        await close(house);
        expect(house.guests.every(({ answers }) => answers === 1)).toBe(true);
        const { running, queued, abandoned } = policy;
        expect([running, queued, abandoned, house.clock.pendingTimers]).toEqual([0, 0, 0, 0]);
      }),
      { numRuns: 150 },
    );
  });
});
