import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { register as defaultRegister, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { observeClients } from '../src/adapters/opentelemetry/index.js';
import { registerClients } from '../src/adapters/prometheus/index.js';
import { MemoryIntentStore, money } from '../src/index.js';
import { CLIENT_METRICS } from '../src/metrics/client-metrics.js';
import type { FakeBehaviour } from './fake-dispatcher.js';
import { notSent, sampleIntent } from './sample-intent.js';
import { doneReply, pageReply, reply, talk } from './with-dispatcher.js';
import { listenersOf, rejection } from './with-simulator.js';

const page = { cartId: 'order-1001', amount: money(14950n, 'AED'), description: 'Two tickets' };
/** What is scraped, without help, types and the zeros. */
const lines = async (register: Registry) =>
  (await register.metrics())
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#') && !line.endsWith(' 0'));

const observed = (
  answers: Parameters<typeof talk>[0],
  options: Parameters<typeof talk>[1] = {},
) => {
  const talked = talk(answers, options);
  const register = new Registry();
  const end = registerClients(talked.client, { register });
  const scraped = async (metric: string) =>
    (await lines(register)).filter((line) => line.startsWith(`paytabs_${metric}`));
  return { ...talked, register, end, scraped };
};

const profile = 'profile="98765"';

describe('the metrics of clients', () => {
  it('have names, kinds, units and labels that dashboards can rely on', () => {
    expect(
      CLIENT_METRICS.map(({ name, kind, unit, labels }) => [name, kind, unit, labels]),
    ).toEqual([
      ['paytabs.requests', 'counter', '{request}', ['operation', 'kind', 'ending']],
      ['paytabs.request.duration', 'histogram', 's', ['operation', 'kind']],
      ['paytabs.retries', 'counter', '{request}', ['operation', 'kind', 'code']],
      ['paytabs.outcomes.unknown', 'counter', '{request}', ['operation']],
      ['paytabs.intents.ended', 'counter', '{intent}', ['operation', 'state', 'meaning']],
      ['paytabs.intents.corrected', 'counter', '{intent}', []],
      ['paytabs.intents.not_settled', 'counter', '{intent}', []],
      ['paytabs.reconcile.rounds', 'counter', '{round}', []],
      ['paytabs.reconcile.checked', 'counter', '{intent}', []],
      ['paytabs.reconcile.ended', 'counter', '{intent}', []],
      ['paytabs.reconcile.told', 'counter', '{intent}', []],
      ['paytabs.reconcile.failed', 'counter', '{intent}', []],
      ['paytabs.mode.mismatches', 'counter', '{answer}', []],
    ]);
  });

  it('explain themselves, each in a sentence of its own', () => {
    const helps = CLIENT_METRICS.map(({ help }) => help);
    for (const help of helps) expect(help).toMatch(/^[A-Z].{10,}\.$/);
    expect(new Set(helps).size).toBe(CLIENT_METRICS.length);
  });
});

describe('the Prometheus metrics', () => {
  it('count tries by operation, kind and how they ended', async () => {
    const { client, scraped } = observed(
      [reply(pageReply()), reply({ code: 2, message: 'no' }, 404), reply('<html>', 502)],
      { maxAttempts: 1 },
    );
    await client.createHostedPage(page);
    await rejection(client.query({ tranRef: 'TST1' }));
    await rejection(client.query({ tranRef: 'TST1' }));
    const of = (rest: string) => `paytabs_requests_total{${profile},${rest}} 1`;
    expect(await scraped('requests_total')).toEqual([
      of('operation="createHostedPage",kind="write",ending="redirect"'),
      of('operation="query",kind="read",ending="error"'),
      of('operation="query",kind="read",ending="GATEWAY_UNAVAILABLE"'),
    ]);
  });

  it('tell in seconds how long tries took, and leave out what never left', async () => {
    const clock = new ManualClock();
    const slow = (): FakeBehaviour => {
      clock.advance(700);
      return reply('<html>', 502);
    };
    const { client, scraped } = observed(slow, { clock, maxAttempts: 1 });
    await rejection(client.query({ tranRef: 'TST1' }));
    client.breakers.read.holdOpen();
    await rejection(client.query({ tranRef: 'TST1' }));
    const of = `operation="query",kind="read"`;
    expect(await scraped('request_duration_seconds')).toEqual(
      expect.arrayContaining([
        `paytabs_request_duration_seconds_bucket{le="1",${profile},${of}} 1`,
        `paytabs_request_duration_seconds_sum{${profile},${of}} 0.7`,
        `paytabs_request_duration_seconds_count{${profile},${of}} 1`,
      ]),
    );
    expect(await scraped('request_duration_seconds_bucket{le="0.5"')).toEqual([]);
    expect(await scraped('requests_total')).toEqual([
      `paytabs_requests_total{${profile},${of},ending="GATEWAY_UNAVAILABLE"} 2`,
    ]);
  });

  it('tell an answer that was read as well as one that was not', async () => {
    const { client, scraped } = observed([reply(pageReply())]);
    await client.createHostedPage(page);
    const [count] = await scraped('request_duration_seconds_count');
    expect(count).toBe(
      `paytabs_request_duration_seconds_count{${profile},operation="createHostedPage",kind="write"} 1`,
    );
  });

  it('count further tries', async () => {
    const { client, scraped } = observed([reply('<html>', 502), reply([])], { maxAttempts: 2 });
    await client.queryByCart({ cartId: 'order-1001' });
    expect(await scraped('retries_total')).toEqual([
      `paytabs_retries_total{${profile},operation="queryByCart",kind="read",code="GATEWAY_UNAVAILABLE"} 1`,
    ]);
  });

  it('count unknown outcomes, and intents by their end', async () => {
    const { client, scraped } = observed([
      reply('<html>', 502),
      reply(doneReply({ cart_id: 'order-2' })),
      reply(
        doneReply({
          cart_id: 'order-3',
          payment_result: { response_status: 'D', response_code: '1', response_message: 'no' },
        }),
      ),
      reply({ code: 206, message: 'Currency not available' }, 400),
    ]);
    await client.createHostedPage(page);
    const card = { token: '2C4652BF67A3EA33C6B590FE658078BD', tranRef: 'TST2625600001111' };
    for (const cartId of ['order-2', 'order-3']) {
      await client.chargeToken({ ...page, card, cartId });
    }
    await rejection(client.createHostedPage({ ...page, cartId: 'order-4' }));
    expect(await scraped('outcomes_unknown_total')).toEqual([
      `paytabs_outcomes_unknown_total{${profile},operation="createHostedPage"} 1`,
    ]);
    const of = (rest: string) => `paytabs_intents_ended_total{${profile},operation=${rest}} 1`;
    expect(await scraped('intents_ended_total')).toEqual([
      of('"chargeToken",state="done",meaning="paid"'),
      of('"chargeToken",state="done",meaning="declined"'),
      of('"createHostedPage",state="refused",meaning=""'),
    ]);
  });

  it('count what reconciling does', async () => {
    const wallTime = Date.parse('2026-09-13T09:00:00Z');
    const intents = new MemoryIntentStore();
    const row = doneReply({ cart_id: 'open' });
    const { client, scraped } = observed([reply([row]), reply('<html>')], {
      intents,
      clock: new ManualClock({ wallTime }),
      maxAttempts: 1,
    });
    for (const cartId of ['open', 'broken', 'ended-1', 'ended-2']) {
      const begun = { ...sampleIntent, cartId };
      await intents.begin(begun);
      if (cartId.startsWith('ended')) await intents.replace(notSent(begun));
    }
    await client.reconcile({ onEnded: () => {} });
    expect(await scraped('reconcile')).toEqual([
      `paytabs_reconcile_rounds_total{${profile}} 1`,
      `paytabs_reconcile_checked_total{${profile}} 1`,
      `paytabs_reconcile_ended_total{${profile}} 1`,
      `paytabs_reconcile_told_total{${profile}} 3`,
      `paytabs_reconcile_failed_total{${profile}} 1`,
    ]);
  });

  it('count corrections, what could not be stored, and answers of the other mode', async () => {
    const { client, scraped } = observed([]);
    client.events.emit('corrected', { intent: sampleIntent });
    client.events.emit('intentNotSettled', { cartId: 'order-1001', error: new Error('full') });
    client.events.emit('modeMismatch', {
      operation: 'query',
      tranRef: 'TST1',
      expected: 'live',
      got: 'test',
    });
    expect(await scraped('')).toEqual(
      expect.arrayContaining([
        `paytabs_intents_corrected_total{${profile}} 1`,
        `paytabs_intents_not_settled_total{${profile}} 1`,
        `paytabs_mode_mismatches_total{${profile}} 1`,
      ]),
    );
  });

  it('tell the state of the breakers when they are scraped', async () => {
    const { client, scraped } = observed([]);
    client.breakers.read.holdOpen();
    const of = (kind: string, state: string) =>
      `paytabs_breaker_state{${profile},kind="${kind}",state="${state}"} 1`;
    expect(await scraped('breaker_state')).toEqual([of('read', 'open'), of('write', 'closed')]);
    client.breakers.read.reset();
    expect(await scraped('breaker_state')).toEqual([of('read', 'closed'), of('write', 'closed')]);
  });

  it('begin at zero where an alert waits for a rise', async () => {
    const { register } = observed([]);
    const text = await register.metrics();
    for (const name of [
      'intents_corrected',
      'intents_not_settled',
      'mode_mismatches',
      'reconcile_failed',
    ]) {
      expect(text).toContain(`paytabs_${name}_total{${profile}} 0`);
    }
  });

  it('tell several clients apart by profile, and count a client once that is given twice', async () => {
    const register = new Registry();
    const one = talk([reply([])]).client;
    const two = talk([reply([])], { profileId: 5 }).client;
    registerClients([one, two, one], { register });
    await one.queryByCart({ cartId: 'order-1001' });
    await two.queryByCart({ cartId: 'order-1001' });
    const told = (await lines(register)).filter((line) => line.startsWith('paytabs_requests'));
    const of = (id: string) =>
      `paytabs_requests_total{profile="${id}",operation="queryByCart",kind="read",ending="rows"} 1`;
    expect(told).toEqual([of('98765'), of('5')]);
  });

  it('never say of which cart, transaction or customer', async () => {
    const { client, register } = observed([reply(pageReply())]);
    await client.createHostedPage({
      ...page,
      customer: { name: 'Sara', email: 'sara@example.com' },
    });
    const text = await register.metrics();
    for (const hidden of ['order-1001', 'TST26', 'sara', 'PMNT', '149']) {
      expect(text).not.toContain(hidden);
    }
  });

  it('can be taken out again, and then nobody listens', () => {
    const { client, register, end } = observed([]);
    const own = listenersOf(talk([]).client);
    expect(listenersOf(client)).toBeGreaterThan(own);
    expect(() => registerClients(client, { register })).toThrow(/already been registered/);
    end();
    expect(register.getMetricsAsArray()).toEqual([]);
    expect(listenersOf(client)).toBe(own);
    expect(() => registerClients(client, { register })).not.toThrow();
  });

  it('go to the default register unless told otherwise', () => {
    const end = registerClients(talk([]).client);
    expect(defaultRegister.getSingleMetric('paytabs_requests_total')).toBeDefined();
    end();
    expect(defaultRegister.getSingleMetric('paytabs_requests_total')).toBeUndefined();
  });
});

describe.each<[string, (clients: never, options?: never) => unknown]>([
  [
    'registerClients',
    (clients, options = { register: new Registry() } as never) => registerClients(clients, options),
  ],
  ['observeClients', observeClients],
])('%s', (_name, observe) => {
  it.each([undefined, null, {}, [{}], { events: { on: () => {} } }, 'client'])(
    'refuses %j for clients',
    (clients) => {
      expect(() => observe(clients as never)).toThrow(
        expect.objectContaining({
          code: 'INVALID_OPTION',
          message: expect.stringMatching(/^clients: /),
        }),
      );
    },
  );

  it('refuses an unknown option', () => {
    expect(() => observe(talk([]).client as never, { prefix: 'x' } as never)).toThrow(
      /^prefix: is unknown/,
    );
  });
});
