import type { Clock } from '@nestcms/circuit-breaker';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readReply } from '../src/gateway/reply.js';
import {
  type FollowUpOutcome,
  type IntentState,
  isPayTabsError,
  MemoryIntentStore,
  money,
  PayTabsClient,
  readNotification,
} from '../src/index.js';
import { type FakeBehaviour, fakeDispatcher } from './fake-dispatcher.js';
import { stateOf } from './with-simulator.js';

const valid = {
  tran_ref: 'TST2625600001240',
  previous_tran_ref: 'TST2625600001234',
  tran_type: 'Refund',
  cart_id: 'refund-1',
  cart_description: 'x',
  cart_currency: 'AED',
  cart_amount: '49.50',
  tran_currency: 'AED',
  tran_total: '49.50',
  redirect_url: 'https://secure.paytabs.com/payment/wr/ABC',
  payment_result: {
    response_status: 'A',
    response_code: 'G44735',
    response_message: 'Authorised',
    transaction_time: '2026-09-13T09:02:15Z',
  },
  payment_info: { payment_method: 'Visa', expiryMonth: 11 },
  code: 4,
  message: 'Duplicate Request',
  profile_id: 98765,
  trace: 'PMNT0402.6A000A17.00000C11',
};

/** A valid body with some fields missing and others replaced by anything. */
const mangled = fc
  .tuple(
    fc.subarray(Object.keys(valid)),
    fc.dictionary(fc.constantFrom(...Object.keys(valid), 'payment_result.x'), fc.jsonValue()),
  )
  .map(([keep, replaced]) => ({
    ...Object.fromEntries(Object.entries(valid).filter(([name]) => keep.includes(name))),
    ...replaced,
  }));
const text = fc.oneof(
  mangled.map((body) => JSON.stringify(body)),
  fc.array(mangled).map((bodies) => JSON.stringify(bodies)),
  fc.tuple(mangled, fc.nat()).map(([body, at]) => {
    const whole = JSON.stringify(body);
    return whole.slice(0, at % (whole.length + 1));
  }),
  fc.json(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', 'null', '0', '[]', '{}', '[[]]', '{"code":0}', '['.repeat(100_000)),
);
const behaviour: fc.Arbitrary<FakeBehaviour> = fc.oneof(
  fc.record({
    status: fc.oneof(
      fc.constantFrom(200, 400, 401, 409, 429, 500, 502),
      fc.integer({ min: 200, max: 599 }),
    ),
    body: text,
    headers: fc.oneof(
      fc.constant({}),
      fc.string().map((value) => ({ 'retry-after': value })),
    ),
  }),
  fc.record({
    error: fc.string().map((message) => new Error(message)),
    when: fc.constantFrom('beforeSending' as const, 'afterSending' as const),
  }),
);

const TIMEOUT_MS = 1_000;

/** Time limits never pass, however slow the machine; a pause between two tries is over at once. */
const clock: Clock = {
  now: () => 0,
  wallTime: () => 0,
  setTimer: (callback, delayMs) => {
    if (delayMs < TIMEOUT_MS) setImmediate(callback);
    return () => undefined;
  },
};

const run = async (behave: FakeBehaviour, call: (client: PayTabsClient) => Promise<unknown>) => {
  const dispatcher = fakeDispatcher(() => behave);
  const intents = new MemoryIntentStore();
  const client = new PayTabsClient({
    profileId: 98765,
    serverKey: 'SZJNT3ST01-J6KD9M2PQR-WTHVBN7XYZ',
    region: 'ARE',
    dispatcher,
    intents,
    maxAttempts: 2,
    retryDelayMs: 0,
    timeoutMs: TIMEOUT_MS,
    clock,
  });
  const ending = await call(client).then(
    () => 'answered',
    (error: unknown) => (isPayTabsError(error) ? error.code : error),
  );
  return { ending, intents, requests: dispatcher.requests };
};

/** An unknown end by the code of its error. */
const endOfWrite = async (work: Promise<FollowUpOutcome>): Promise<'answered'> => {
  const outcome = await work;
  if (outcome.kind === 'unknown') throw outcome.error;
  return 'answered';
};

/** Where the intent may stand after each ending; after any other it is refused. */
const statesAfter: Readonly<Record<string, readonly IntentState['name'][]>> = {
  answered: ['done', 'pending'],
  OUTCOME_UNKNOWN: ['unknown'],
  DUPLICATE_REQUEST: ['unknown'],
  GATEWAY_UNAVAILABLE: ['notSent'],
};

/** Endings a write may have, and those that say it did not happen. */
const ofWrites = [
  'answered',
  'OUTCOME_UNKNOWN',
  'DUPLICATE_REQUEST',
  'AUTHENTICATION_FAILED',
  'INVALID_REQUEST',
  'NOT_FOUND',
  'RATE_LIMITED',
  'GATEWAY_UNAVAILABLE',
];
const ofReads = [
  'answered',
  'UNEXPECTED_REPLY',
  'DUPLICATE_REQUEST',
  'AUTHENTICATION_FAILED',
  'INVALID_REQUEST',
  'NOT_FOUND',
  'RATE_LIMITED',
  'GATEWAY_UNAVAILABLE',
];

describe('whatever the gateway answers', () => {
  it('reading it never throws', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 100, max: 599 }), (body, httpStatus) => {
        expect(readReply({ httpStatus, text: body })).toHaveProperty('shape');
      }),
      { numRuns: 1000 },
    );
  });

  it('a write ends in a typed way, and is sent at most once', async () => {
    await fc.assert(
      fc.asyncProperty(behaviour, async (behave) => {
        const { ending, intents, requests } = await run(behave, (client) =>
          endOfWrite(
            client.refund({
              tranRef: 'TST2625600001234',
              cartId: 'refund-1',
              amount: money(4950n, 'AED'),
              description: 'x',
            }),
          ),
        );
        expect(ofWrites).toContain(ending);
        const state = await stateOf(intents, 'refund-1');
        expect(statesAfter[String(ending)] ?? ['refused']).toContain(state?.name);
        const provenNotSent = 'when' in behave && behave.when === 'beforeSending';
        expect(requests).toHaveLength(provenNotSent ? 2 : 1);
        expect(ending === 'GATEWAY_UNAVAILABLE').toBe(provenNotSent);
      }),
      { numRuns: 500 },
    );
  });

  it('a read ends in a typed way', async () => {
    await fc.assert(
      fc.asyncProperty(behaviour, fc.boolean(), async (behave, byCart) => {
        const { ending } = await run(behave, (client) =>
          byCart
            ? client.queryByCart({ cartId: 'refund-1' })
            : client.query({ tranRef: 'TST2625600001240' }),
        );
        expect(ofReads).toContain(ending);
      }),
      { numRuns: 500 },
    );
  });

  it('a notice is read or refused in a typed way', () => {
    fc.assert(
      fc.property(fc.oneof(mangled, fc.anything()), (payload) => {
        let ending: unknown;
        try {
          ending = typeof readNotification(payload).kind;
        } catch (error) {
          ending = isPayTabsError(error) ? error.code : error;
        }
        expect(['string', 'UNEXPECTED_REPLY']).toContain(ending);
      }),
      { numRuns: 1000 },
    );
  });
});
