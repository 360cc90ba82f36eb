import { createServer as createTlsServer } from 'node:tls';
import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { Agent } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  CLIENT_DEFAULTS,
  MemoryIntentStore,
  PayTabsClient,
  type UnknownReason,
} from '../src/index.js';
import type { Fault } from '../src/testing/index.js';
import {
  intentOf,
  openPage,
  pageRequest,
  paidSale,
  recordEvents,
  rejection,
  remembered,
  soon,
  startPair,
  stateOf,
  unknownEnd,
} from './with-simulator.js';

const unknownEnds: readonly (readonly [
  string,
  Fault,
  { reason?: UnknownReason; httpStatus?: number; gatewayCode?: number; tranRef?: string },
])[] = [
  ['cut off after the work was done', { kind: 'reset' }, { reason: 'noAnswer' }],
  ['cut off before the work was done', { kind: 'reset', when: 'before' }, { reason: 'noAnswer' }],
  ['cut off in the middle of the reply', { kind: 'resetMidReply' }, { reason: 'noAnswer' }],
  ['answered 500 with a page', { kind: 'html', status: 500 }, { httpStatus: 500 }],
  ['answered 502 with a page', { kind: 'html', status: 502, when: 'before' }, { httpStatus: 502 }],
  ['answered 403 with a page', { kind: 'html', status: 403 }, { httpStatus: 403 }],
  ['answered 200 with no JSON', { kind: 'invalidJson' }, { httpStatus: 200 }],
  ['answered with half a reply', { kind: 'truncatedJson' }, { httpStatus: 200 }],
  ['answered with an empty object', { kind: 'reply', body: {} }, { httpStatus: 200 }],
  ['answered with null', { kind: 'reply', body: null }, { httpStatus: 200 }],
  [
    'answered 500 in the error shape',
    { kind: 'reply', status: 500, body: { code: 400, message: 'Internal error', trace: 'T' } },
    { httpStatus: 500 },
  ],
  [
    'answered "no response" in the error shape',
    { kind: 'reply', status: 200, body: { code: 401, message: 'No response', trace: 'T' } },
    { httpStatus: 200 },
  ],
  [
    'answered 401 with "no response" in the error shape',
    { kind: 'reply', status: 401, body: { code: 401, message: 'No response', trace: 'T' } },
    { httpStatus: 401, gatewayCode: 401 },
  ],
  [
    'answered 408 in the shape of a refusal',
    { kind: 'reply', status: 408, body: { code: 206, message: 'x', trace: 'T' } },
    { httpStatus: 408, gatewayCode: 206 },
  ],
  ...[true, [2], '2x', 2.5, -2, { code: 2 }].map(
    (code) =>
      [
        `answered with ${JSON.stringify(code)} in place of a code`,
        { kind: 'reply', status: 400, body: { code, message: 'x' } },
        { httpStatus: 400 },
      ] as const,
  ),
  [
    'answered with a refusal that names a transaction',
    { kind: 'reply', body: { code: 200, message: 'x', tran_ref: 'TST2625600005555' } },
    { gatewayCode: 200, tranRef: 'TST2625600005555' },
  ],
  [
    'answered with a refusal that has a result',
    { kind: 'reply', body: { code: 2, payment_result: { response_status: 'A' } } },
    { gatewayCode: 2 },
  ],
  [
    'answered with a refusal that names a page',
    { kind: 'reply', status: 429, body: { code: 2, redirect_url: 'https://x.example/' } },
    { gatewayCode: 2 },
  ],
  ...[400, 402, 499, 500, 600, 9999].map(
    (code) =>
      [
        `answered with the code ${code}, which is no refusal that is known`,
        { kind: 'reply', status: 400, body: { code, message: 'x', trace: 'T' } },
        { httpStatus: 400, gatewayCode: code },
      ] as const,
  ),
];

describe('a write whose end is unknown', () => {
  it.each(unknownEnds)('says so, is sent once, and stays open: %s', async (_, fault, facts) => {
    const { reason = 'unclearAnswer', ...said } = facts;
    const known = said.tranRef === undefined ? {} : { tranRef: said.tranRef };
    const { simulator, client, intents, events } = await startPair();
    simulator.faults.add(fault);
    const request = pageRequest();
    const { cartId } = request;
    const { error, ...outcome } = await unknownEnd(client.createHostedPage(request));
    expect(outcome).toEqual({ kind: 'unknown', cartId, reason, ...known });
    expect(error).toMatchObject({ code: 'OUTCOME_UNKNOWN', cartId, ...said });
    expect(simulator.requests()).toHaveLength(1);
    expect(await stateOf(intents, cartId)).toEqual({ name: 'unknown', reason, ...known });
    expect(events.filter((event) => event.name === 'outcomeUnknown')).toMatchObject([
      { operation: 'createHostedPage', cartId },
    ]);
    expect(events.filter((event) => event.name === 'ended')).toEqual([]);
  });

  it('says so after its time limit, while the gateway carried it out', async () => {
    const clock = new ManualClock();
    const { simulator, client, intents } = await startPair({ client: { clock } });
    simulator.faults.add({ kind: 'hang' });
    const request = pageRequest();
    const ending = unknownEnd(client.createHostedPage(request));
    await soon(() => simulator.ledger().length === 1);
    await clock.advanceAsync(CLIENT_DEFAULTS.timeoutMs);
    const { cartId } = request;
    expect(await ending).toMatchObject({ cartId, error: { code: 'OUTCOME_UNKNOWN', cartId } });
    expect(simulator.ledger()).toMatchObject([{ cartId }]);
    expect(await stateOf(intents, cartId)).toEqual({ name: 'unknown', reason: 'noAnswer' });
  });

  it('tells the number of the try that was sent', async () => {
    const { simulator, client, events } = await startPair({
      client: { maxAttempts: 10, retryDelayMs: 50 },
    });
    simulator.faults.add({ kind: 'reset' });
    await simulator.refuseConnections();
    const reopened = new Promise<void>((resolve, reject) => {
      client.events.once('retried', () => simulator.acceptConnections().then(resolve, reject));
    });
    await unknownEnd(client.createHostedPage(pageRequest()));
    await reopened;
    const sent = events.filter((event) => event.name === 'failed' && event.sent);
    const unknown = events.filter((event) => event.name === 'outcomeUnknown');
    expect(sent).toHaveLength(1);
    expect(unknown).toMatchObject([{ attempt: sent[0]?.name === 'failed' && sent[0].attempt }]);
    expect(unknown[0]).not.toMatchObject({ attempt: 1 });
  });

  it('is found by asking, after a refund whose reply was lost', async () => {
    const { simulator, client, intents } = await startPair();
    const sale = await paidSale({ simulator, client });
    simulator.faults.add({ kind: 'reset' });
    const refund = pageRequest();
    const { error } = await unknownEnd(client.refund({ ...refund, tranRef: sale.tranRef }));
    expect(error.code).toBe('OUTCOME_UNKNOWN');
    expect(await stateOf(intents, refund.cartId)).toEqual({ name: 'unknown', reason: 'noAnswer' });
    const found = await client.queryByCart({ cartId: refund.cartId });
    expect(found).toMatchObject([{ type: 'refund', status: 'A', total: refund.amount }]);
    expect(simulator.issuerLog().map((entry) => entry.action)).toEqual(['charge', 'refund']);
  });

  it('stays unknown when the caller aborts after it was sent', async () => {
    const { simulator, client, intents } = await startPair();
    simulator.faults.add({ kind: 'hang' });
    const caller = new AbortController();
    const request = pageRequest();
    const work = unknownEnd(client.createHostedPage(request, { signal: caller.signal }));
    await soon(() => simulator.requests().length === 1);
    caller.abort();
    const { cartId } = request;
    expect(await work).toMatchObject({ cartId, error: { code: 'OUTCOME_UNKNOWN', cartId } });
    expect(await stateOf(intents, cartId)).toEqual({ name: 'unknown', reason: 'noAnswer' });
  });

  it('treats the duplicate guard as a hint that the first arrived', async () => {
    const { simulator, client } = await startPair();
    const request = pageRequest();
    await client.createHostedPage(request);
    // Another process with another store: the reference is new to it, but not to the gateway.
    const other = await startPair();
    other.simulator.faults.add({
      kind: 'reply',
      status: 409,
      body: { code: 4, message: 'Duplicate Request', trace: 'PMNT0101.6A000001.00000A01' },
    });
    const { error, reason } = await unknownEnd(other.client.createHostedPage(request));
    expect(reason).toBe('duplicate');
    expect(await stateOf(other.intents, request.cartId)).toEqual({ name: 'unknown', reason });
    expect(error).toMatchObject({
      code: 'DUPLICATE_REQUEST',
      gatewayCode: 4,
      httpStatus: 409,
      cartId: request.cartId,
      message: expect.stringContaining('the first may have arrived'),
    });
    expect(simulator.requests()).toHaveLength(1);
    expect(other.events.some((event) => event.name === 'outcomeUnknown')).toBe(true);
  });
});

describe('a write that did not happen', () => {
  it('is tried again when it was proven not sent, and given up as such', async () => {
    const { simulator, client, intents, events } = await startPair();
    await simulator.refuseConnections();
    const request = pageRequest();
    const error = await rejection(client.createHostedPage(request));
    expect(error).toMatchObject({ code: 'GATEWAY_UNAVAILABLE', cartId: request.cartId });
    expect(events.filter((event) => event.name === 'requested')).toHaveLength(3);
    const failures = events.filter((event) => event.name === 'failed');
    expect(failures.map((event) => event.sent)).toEqual([false, false, false]);
    expect(await stateOf(intents, request.cartId)).toEqual({ name: 'notSent' });
  });

  it('was not sent when it was given up while it waited for a free connection, nor is it later', async () => {
    const { simulator, client, intents } = await startPair({
      client: { maxConnections: 1, maxAttempts: 1 },
    });
    simulator.faults.add({ kind: 'hang', route: 'query' });
    const blocker = new AbortController();
    const blocking = rejection(client.query({ tranRef: 'TST1' }, { signal: blocker.signal }));
    await soon(() => simulator.requests().length === 1);
    const request = pageRequest();
    const caller = new AbortController();
    const waiting = rejection(client.createHostedPage(request, { signal: caller.signal }));
    await soon(async () => (await intentOf(intents, request.cartId)) !== undefined);
    caller.abort();
    expect(await waiting).toMatchObject({ code: 'ABORTED', cartId: request.cartId });
    expect(await stateOf(intents, request.cartId)).toEqual({ name: 'notSent' });
    // The connection is free again: what was given up must not leave now.
    blocker.abort();
    await blocking;
    const other = pageRequest();
    await openPage(client, other);
    expect(simulator.ledger().map((entry) => entry.cartId)).toEqual([other.cartId]);
  });

  it.each([
    ['the name is not known', { lookup: unknownName }],
    ['the TLS handshake fails', {}],
  ] as const)('was not sent when %s', async (_, connectOptions) => {
    const server = createTlsServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const dispatcher = new Agent({ connect: connectOptions });
    const intents = new MemoryIntentStore();
    const client = new PayTabsClient({
      profileId: 98765,
      serverKey: 'SZJNT3ST01-J6KD9M2PQR-WTHVBN7XYZ',
      baseUrl: `https://localhost:${port}`,
      dispatcher,
      intents,
      retryDelayMs: 1,
    });
    onTestFinished(async () => {
      await dispatcher.destroy();
      server.close();
    });
    const events = recordEvents(client);
    const request = pageRequest();
    const error = await rejection(client.createHostedPage(request));
    expect(error).toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
    expect(events.filter((event) => event.name === 'failed')).toMatchObject(
      Array(3).fill({ sent: false }),
    );
    expect(await stateOf(intents, request.cartId)).toEqual({ name: 'notSent' });
  });

  it('succeeds when the gateway comes back between the tries', async () => {
    const { simulator, client, events } = await startPair({ client: { retryDelayMs: 50 } });
    await simulator.refuseConnections();
    const reopened = new Promise<void>((resolve, reject) => {
      client.events.once('failed', () => simulator.acceptConnections().then(resolve, reject));
    });
    const page = await openPage(client);
    await reopened;
    expect(simulator.ledger()).toMatchObject([{ tranRef: page.tranRef }]);
    expect(events.some((event) => event.name === 'retried')).toBe(true);
  });

  it('is told to wait when the gateway asks for a pause, and is not tried again', async () => {
    const { simulator, client, intents } = await startPair();
    simulator.faults.add({ kind: 'tooMany', retryAfterSeconds: 7 });
    const request = pageRequest();
    const error = await rejection(client.createHostedPage(request));
    expect(error).toMatchObject({ code: 'RATE_LIMITED', httpStatus: 429, retryAfterMs: 7000 });
    expect(simulator.requests()).toHaveLength(1);
    expect(await stateOf(intents, request.cartId)).toEqual({
      name: 'refused',
      code: 'RATE_LIMITED',
    });
  });

  it('says what the gateway refused, with code and trace', async () => {
    const { client, intents } = await startPair();
    const request = pageRequest({ amount: { minor: 100n, currency: 'NOK' } });
    const error = await rejection(client.createHostedPage(request));
    expect(error).toMatchObject({
      code: 'INVALID_REQUEST',
      gatewayCode: 206,
      httpStatus: 400,
      trace: expect.stringMatching(/^PMNT/),
      message: expect.stringContaining('Invalid currency code'),
    });
    expect(await stateOf(intents, request.cartId)).toEqual({
      name: 'refused',
      code: 'INVALID_REQUEST',
      gatewayCode: 206,
    });
  });

  it.each([1, 2, 101, 102, 106, 113, 118, 120, 200, 206, 325, 342])(
    'is refused for certain with the code %i',
    async (code) => {
      const { simulator, client, intents } = await startPair();
      simulator.faults.add({
        kind: 'reply',
        status: 400,
        body: { code, message: 'x', trace: 'T' },
      });
      const request = pageRequest();
      const error = await rejection(client.createHostedPage(request));
      expect(error).toMatchObject({ gatewayCode: code });
      expect(await stateOf(intents, request.cartId)).toMatchObject({
        name: 'refused',
        gatewayCode: code,
      });
    },
  );

  it('says that key and profile do not belong together', async () => {
    const { client } = await startPair({
      client: { serverKey: 'SOTHER0000-OTHER00000-OTHER00000' },
    });
    await expect(client.createHostedPage(pageRequest())).rejects.toMatchObject({
      code: 'AUTHENTICATION_FAILED',
      gatewayCode: 1,
      httpStatus: 401,
    });
  });

  it('is not sent when the caller had aborted before', async () => {
    const { simulator, client, intents } = await startPair();
    const signal = AbortSignal.abort();
    await expect(client.createHostedPage(pageRequest(), { signal })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    expect(simulator.requests()).toEqual([]);
    expect(await remembered(intents)).toEqual([]);
  });
});

describe('a call', () => {
  it.each([
    ['null', null],
    ['another field', { timeoutMs: 1 }],
    ['a signal that is none', { signal: {} }],
    ['a signal of null', { signal: null }],
  ])('with %s in place of its options is refused, and uses up no reference', async (_, call) => {
    const { simulator, client, intents } = await startPair();
    const request = pageRequest();
    const reference = { tranRef: 'TST1' };
    const endings = [
      client.createHostedPage(request, call as never),
      client.refund({ ...request, ...reference }, call as never),
      client.query(reference, call as never),
      client.queryByCart({ cartId: request.cartId }, call as never),
    ].map((ending) => rejection(ending));
    for (const error of await Promise.all(endings)) {
      expect(error).toMatchObject({ code: 'INVALID_OPTION' });
    }
    expect(await remembered(intents)).toEqual([]);
    expect(simulator.requests()).toEqual([]);
  });
});

describe('an amount', () => {
  it.each([
    [9_999_999_999n, 'JPY'],
    [999_999_999_999n, 'AED'],
    [9_999_999_999_990n, 'KWD'],
  ] as const)('of %s %s is the most that is sent', async (minor, currency) => {
    const { simulator, client, intents } = await startPair();
    const { cartId } = await openPage(client, pageRequest({ amount: { minor, currency } }));
    const amount = { minor: minor + 1n, currency };
    for (const ending of [
      client.createHostedPage(pageRequest({ amount })),
      client.refund({ ...pageRequest({ amount }), tranRef: 'TST1' }),
    ]) {
      await expect(ending).rejects.toMatchObject({ code: 'INVALID_MONEY' });
    }
    expect(simulator.requests()).toHaveLength(1);
    expect(await remembered(intents)).toEqual([cartId]);
  });

  it('that the caller changes after the call is the one that was asked for', async () => {
    const { simulator, client, intents } = await startPair();
    const amount = { minor: 14950n, currency: 'AED' as const };
    const request = pageRequest({ amount });
    const asked = client.createHostedPage(request);
    amount.minor = 1n;
    await asked;
    expect((await intentOf(intents, request.cartId))?.amount).toEqual({
      minor: 14950n,
      currency: 'AED',
    });
    expect(simulator.requests()[0]?.body).toContain('"cart_amount":149.50,');
  });
});

describe('an intent', () => {
  it('is stored before anything is sent', async () => {
    const { simulator, client, intents } = await startPair();
    const request = pageRequest();
    let known: unknown;
    client.events.once('requested', async () => {
      known = await intentOf(intents, request.cartId);
    });
    const { cartId, amount } = request;
    await openPage(client, request);
    expect(known).toMatchObject({ cartId, amount, revision: 0, state: { name: 'begun' } });
    expect(simulator.requests()).toHaveLength(1);
  });

  it('refuses a reference that was used before, whatever became of it', async () => {
    const { simulator, client } = await startPair();
    const request = pageRequest();
    await client.createHostedPage(request);
    await expect(client.createHostedPage(request)).rejects.toMatchObject({
      code: 'REFERENCE_REUSED',
      cartId: request.cartId,
    });
    expect(simulator.requests()).toHaveLength(1);
  });

  it('that cannot be stored keeps the request at home', async () => {
    const intents = new MemoryIntentStore();
    intents.begin = () => Promise.reject(new Error('store is down'));
    const { simulator, client } = await startPair({ client: { intents } });
    await expect(client.createHostedPage(pageRequest())).rejects.toMatchObject({
      code: 'INTENT_STORE_FAILED',
      cause: { message: 'store is down' },
    });
    expect(simulator.requests()).toEqual([]);
  });

  it('that hangs in its store holds nobody: the call ends at its deadline, and nothing is ever sent', async () => {
    const clock = new ManualClock();
    const intents = new MemoryIntentStore();
    const stored = new Gate();
    const begin = intents.begin.bind(intents);
    intents.begin = (intent) => stored.opened.then(() => begin(intent));
    const { simulator, client } = await startPair({ client: { intents, clock, timeoutMs: 500 } });
    const request = pageRequest();
    const ending = rejection(client.createHostedPage(request));
    await clock.advanceAsync(500);
    expect(await ending).toMatchObject({
      code: 'INTENT_STORE_FAILED',
      cartId: request.cartId,
      message: expect.stringContaining('nothing was sent'),
    });
    stored.open();
    await soon(async () => ((await intentOf(intents, request.cartId))?.revision ?? 0) > 0);
    expect(await stateOf(intents, request.cartId)).toEqual({ name: 'notSent' });
    expect(simulator.requests()).toEqual([]);
  });

  it('that hangs in its store holds no caller who aborts', async () => {
    const intents = new MemoryIntentStore();
    intents.begin = () => new Promise(() => {});
    const { simulator, client } = await startPair({
      client: { intents, clock: new ManualClock() },
    });
    const caller = new AbortController();
    const ending = rejection(client.createHostedPage(pageRequest(), { signal: caller.signal }));
    caller.abort();
    expect(await ending).toMatchObject({ code: 'ABORTED' });
    expect(simulator.requests()).toEqual([]);
  });

  it('whose end hangs in its store stays open, and the caller still gets the result', async () => {
    const clock = new ManualClock();
    const intents = new MemoryIntentStore();
    const settling = new Gate();
    intents.replace = () => {
      settling.open();
      return new Promise(() => {});
    };
    const { client, events } = await startPair({ client: { intents, clock } });
    const request = pageRequest();
    const ending = openPage(client, request);
    await settling.opened;
    await clock.advanceAsync(CLIENT_DEFAULTS.settleTimeoutMs);
    expect((await ending).cartId).toBe(request.cartId);
    expect(await stateOf(intents, request.cartId)).toEqual({ name: 'begun' });
    expect(events.filter((event) => event.name === 'intentNotSettled')).toMatchObject([
      { cartId: request.cartId },
    ]);
  });

  it('that cannot be settled stays open, and the caller still gets the result', async () => {
    const intents = new MemoryIntentStore();
    intents.replace = () => Promise.reject(new Error('store is down'));
    const { client, events } = await startPair({ client: { intents } });
    const request = pageRequest();
    const page = await openPage(client, request);
    expect(page.cartId).toBe(request.cartId);
    expect(await stateOf(intents, request.cartId)).toEqual({ name: 'begun' });
    expect(events.filter((event) => event.name === 'intentNotSettled')).toMatchObject([
      { cartId: request.cartId },
    ]);
  });
});

/** Something that happens once. */
class Gate {
  open = () => {};
  readonly opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });
}

function unknownName(
  name: string,
  _: unknown,
  answer: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  answer(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }), '', 0);
}
