import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import { formatMajor, parseMajor } from '../../src/index.js';
import type { Simulator } from '../../src/testing/index.js';
import { call, type Json, startGateway } from '../simulator-wire.js';
import { bodyOf, reply, talk } from '../with-dispatcher.js';
import { rejection } from '../with-simulator.js';
import { examples } from './examples.js';
import { typedCalls } from './typed-calls.js';

const byName = examples.requests.map(({ name, text }) => {
  const typed = typedCalls[name];
  if (typed === undefined) throw new Error(`there is no call for "${name}"`);
  return [name, JSON.parse(text) as Json, typed] as const;
});
const bodyNamed = (name: string): Json => {
  const found = byName.find(([each]) => each === name);
  if (found === undefined) throw new Error(`there is no request "${name}"`);
  return found[1];
};

/** The only difference, and on purpose: an amount has all decimals of its currency, `42.00` where the example has `42`. */
const inFull = ({ cart_amount: amount, cart_currency: currency }: Json) =>
  typeof amount === 'number'
    ? `"cart_amount":${formatMajor(parseMajor(String(amount), currency as 'AED'))},`
    : '';

describe('the client sends what the reference shows', () => {
  it.each(byName)('%s', async (_, shown, { path, send }) => {
    // Refused, for this is about what is sent.
    const refusal = reply({ code: 2, message: 'Invalid request' }, 400);
    const talked = talk([refusal], { ownForm: 'iAmPciDssSaqD' });
    await rejection(send(talked.client));
    expect(talked.sent()).toMatchObject([{ method: 'POST', path }]);
    expect(JSON.parse(bodyOf(talked))).toEqual(shown);
    expect(bodyOf(talked)).toContain(inFull(shown));
  });

  it('with no call left over', () => {
    expect(Object.keys(typedCalls).sort()).toEqual(byName.map(([name]) => name).sort());
  });
});

/** On the day of the examples, in whose invoice there is an end; callbacks go nowhere. */
const startThen = () =>
  startGateway({
    allowLocalCallback: false,
    callbackDelayMs: 86_400_000,
    clock: new ManualClock({ wallTime: Date.UTC(2026, 8, 13, 8) }),
  });

const taken = new Set<string>();

/** Sends an example as it is but for what the simulator has other names for. */
async function take(simulator: Simulator, name: string, more: Json = {}): Promise<Json> {
  const { path } = typedCalls[name] ?? {};
  const send = { ...bodyNamed(name), ...more };
  const answer = await call(simulator, String(path).replace('/payment/', ''), { send });
  expect(answer).toMatchObject({ status: 200 });
  taken.add(name);
  return answer.reply;
}

const approved = (type: string) => ({
  tran_type: type,
  payment_result: expect.objectContaining({ response_status: 'A' }),
});

async function pay(simulator: Simulator, page: Json): Promise<string> {
  // The examples' way back leads to no server.
  await simulator.pay(String(page.redirect_url), { closeTab: true });
  return String(page.tran_ref);
}

describe('the simulator takes what the reference shows', () => {
  it('a page, what is asked about it, and a refund', async () => {
    const simulator = await startThen();
    const page = await take(simulator, 'hosted page');
    expect(page).toMatchObject({ cart_amount: '149.50', tran_total: '0' });
    const tran_ref = await pay(simulator, page);
    const asked = await take(simulator, 'query by reference', { tran_ref });
    expect(asked).toMatchObject({ ...approved('Sale'), tran_total: '149.50' });
    expect(await take(simulator, 'query by cart')).toMatchObject([{ tran_ref }]);
    const refund = await take(simulator, 'refund', { tran_ref });
    const facts = { previous_tran_ref: tran_ref, tran_total: '49.50' };
    expect(refund).toMatchObject({ ...approved('Refund'), ...facts });
  });

  it('a hold, a capture of a part, and the rest given up', async () => {
    const simulator = await startThen();
    const tran_ref = await pay(simulator, await take(simulator, 'hold'));
    const capture = await take(simulator, 'capture', { tran_ref });
    expect(capture).toMatchObject({ ...approved('Capture'), tran_total: '40.250' });
    const rest = await take(simulator, 'void', { tran_ref });
    expect(rest).toMatchObject({ ...approved('Void'), tran_total: '20.250' });
  });

  it('a card in the own form, and one from the browser', async () => {
    const simulator = await startThen();
    const own = await take(simulator, 'own form');
    expect(own).toMatchObject({ ...approved('Sale'), tran_total: '80.00' });
    const card = { number: '4111111111111111', expmonth: '12', expyear: '2030', cvv: '123' };
    const send = { key: simulator.profile.clientKey, card };
    const { token: payment_token } = (await call(simulator, 'tokenise', { send })).reply;
    const managed = await take(simulator, 'managed form', { payment_token });
    expect(managed).toMatchObject({ ...approved('Sale'), tran_total: '35.25' });
  });

  it('a card that is verified and saved, charged in both forms, and read', async () => {
    const simulator = await startThen();
    const page = await take(simulator, 'verified card, saved by the newer form');
    const tran_ref = await pay(simulator, page);
    const { token } = await take(simulator, 'query by reference', { tran_ref });
    const older = await take(simulator, 'saved card, older form', { token, tran_ref });
    expect(older).toMatchObject({ ...approved('Sale'), previous_tran_ref: tran_ref });
    const { token_info: info } = bodyNamed('saved card, newer form');
    const newer = await take(simulator, 'saved card, newer form', {
      token_info: { ...(info as Json), token },
    });
    expect(newer).toMatchObject(approved('Sale'));
    expect(await take(simulator, 'token', { token })).toMatchObject({ tran_ref });
  });

  it('an invoice, and its being paid elsewhere', async () => {
    const simulator = await startThen();
    const { invoice_id } = await take(simulator, 'invoice');
    const marked = await take(simulator, 'invoice paid elsewhere', { invoice_id });
    expect(marked).toMatchObject({ invoice_id, invoice_total: 40, invoice_currency: 'AED' });
  });

  it('and nothing was left out above', () => {
    expect([...taken].sort()).toEqual(examples.requests.map(({ name }) => name).sort());
  });
});
