import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { kinds } from '../src/cli/trigger/kinds.js';
import { makeTrigger } from '../src/cli/trigger/trigger.js';
import { readNotification } from '../src/index.js';
import { startShop as startCarelessShop } from './shop.js';
import { startVerifyingShop } from './verifying-shop.js';
import { startCli } from './with-cli.js';

const serverKey = 'STRIGGER00-KEPTSECRET-0000000000';
const env = { PAYTABS_PROFILE_ID: '98765', PAYTABS_SERVER_KEY: serverKey };

/** Runs `trigger` to its end; the key must be in nothing it says. */
async function trigger(...args: readonly string[]) {
  const run = startCli(['trigger', ...args], {
    commands: [makeTrigger({ random: () => 0.5 })],
    env,
  });
  const code = await run.code;
  expect(run.said()).not.toContain(serverKey);
  return { code, out: run.out, err: run.err.join('\n') };
}

const startShop = () => startVerifyingShop({ keys: [serverKey] });

const printed = async (...args: readonly string[]) => {
  const { out } = await trigger(...args, '--print', '--forward-to', 'http://127.0.0.1:3000/pay');
  return out;
};

/** The body that would be sent. */
const bodyOf = async (...args: readonly string[]) =>
  JSON.parse((await printed(...args)).at(-1) ?? '') as Record<string, unknown>;

const kindNames = Object.keys(kinds) as (keyof typeof kinds)[];
const returnKinds = kindNames.filter((name) => kinds[name].followUp !== true);
const followUpKinds = kindNames.filter((name) => kinds[name].followUp === true);

describe('trigger', () => {
  it.each(kindNames)('sends a callback that the verifier takes and reads as %s', async (kind) => {
    const shop = await startShop();
    const { code, out } = await trigger(
      kind,
      '--forward-to',
      shop.callbackUrl,
      '--cart',
      'order-7',
    );
    expect(shop.notices).toMatchObject([
      { kind, stale: false, payload: { cartId: 'order-7', profileId: 98765 } },
    ]);
    expect(out).toHaveLength(1);
    expect(out[0]).toMatch(new RegExp(`  order-7  TST\\d{13}  ${kind}  [A-Z]  HTTP 200  \\d+ ms$`));
    expect(code).toBe(0);
  });

  it('sends an IPN as it sends a callback, with the headers of the gateway', async () => {
    const shop = await startShop();
    const to = ['--as', 'ipn', '--forward-to', shop.callbackUrl, '--client-key', 'CMINE'];
    await trigger('reportedPaid', ...to);
    expect(shop.notices).toMatchObject([{ kind: 'reportedPaid' }]);
    expect(shop.callbacks[0]?.headers).toMatchObject({
      'user-agent': 'Go-http-client/1.1',
      'content-type': 'application/json',
      'client-key': 'CMINE',
    });
  });

  it.each(
    returnKinds.flatMap((kind) => [[kind, 'return'] as const, [kind, 'return-get'] as const]),
  )('sends %s as a %s that the verifier takes', async (kind, form) => {
    const shop = await startShop();
    const { code } = await trigger(kind, '--as', form, '--forward-to', `${shop.returnUrl}?shop=1`);
    // A return tells no type.
    const isAuthorised = kind === 'authorised' || kind === 'cardRegistered';
    expect(shop.returns).toMatchObject([
      { kind: isAuthorised ? 'reportedPaid' : kind, payload: { cartId: 'order-1001' } },
    ]);
    expect(code).toBe(0);
  });

  it.each(followUpKinds)('does not make a return of %s, which has none', async (kind) => {
    const { code, err } = await trigger(kind, '--as', 'return', '--forward-to', 'http://127.0.0.1');
    expect([code, err]).toEqual([2, expect.stringContaining('No browser comes back')]);
  });

  it.each([
    ['forged', { refused: 'signature' }],
    ['unsigned', { refused: 'header-missing' }],
    ['tampered', { refused: 'signature' }],
    ['reserialised', { refused: 'signature' }],
    ['stale', { stale: true, kind: 'reportedPaid' }],
    ['otherProfile', { stale: false, payload: { profileId: 98766 } }],
  ])('sends a callback that is %s, with the verdict that deserves', async (forgery, verdict) => {
    const shop = await startShop();
    const { code } = await trigger(forgery, '--forward-to', shop.callbackUrl);
    expect(shop.notices).toMatchObject([verdict]);
    expect(code).toBe(0);
  });

  it.each([
    ['forged', 'signature'],
    ['unsigned', 'header-missing'],
    ['tampered', 'signature'],
  ])('sends a return that is %s, by form and in the address', async (forgery, refused) => {
    const shop = await startShop();
    for (const form of ['return', 'return-get']) {
      await trigger(forgery, '--as', form, '--forward-to', shop.returnUrl);
    }
    expect(shop.returns).toEqual([{ refused }, { refused }]);
  });

  it('ends with 1 when the shop answers otherwise than it should', async () => {
    const { callbackUrl: takesAll } = await startCarelessShop();
    const shop = await startShop();
    expect(await trigger('forged', '--forward-to', takesAll)).toMatchObject({
      code: 1,
      err: expect.stringContaining('taken all the same'),
    });
    shop.answerWith(204);
    expect(await trigger('declined', '--forward-to', shop.callbackUrl)).toMatchObject({
      code: 1,
      err: expect.stringContaining('Only 200 counts'),
    });
    expect(await trigger('declined', '--forward-to', 'http://127.0.0.1:9/')).toMatchObject({
      code: 1,
      err: 'No answer came.',
    });
  });
});

describe('what trigger sends', () => {
  const examples = JSON.parse(
    readFileSync(new URL('fixtures/gateway-examples.json', import.meta.url), 'utf8'),
  ) as { replies: { name: string; body: Record<string, unknown> }[] };

  /** Every field, the inner ones as `payment_result.response_code`. */
  const fieldsOf = (body: object, prefix = ''): string[] =>
    Object.entries(body).flatMap(([name, value]) =>
      typeof value === 'object' && value !== null
        ? fieldsOf(value, `${prefix}${name}.`)
        : [`${prefix}${name}`],
    );

  it.each([
    ['reportedPaid', 'authorised sale, callback'],
    ['pending', 'deferred payment awaits the customer, callback'],
    ['cancelled', 'cancelled page, callback'],
  ])('has for %s the fields that were recorded', async (kind, name) => {
    const recorded = examples.replies.find((each) => each.name === name)?.body ?? {};
    const ofCustomer = (field: string) => field.startsWith('customer_details.');
    const withoutCustomer = (body: object) =>
      fieldsOf(body)
        .filter((each) => !ofCustomer(each))
        .sort();
    expect(withoutCustomer(await bodyOf(kind))).toEqual(withoutCustomer(recorded));
  });

  it('says the number of a payment that waits twice, as recorded', async () => {
    const { payment_result: result } = await bodyOf('pending');
    const { response_code, acquirer_ref } = result as Record<string, string>;
    expect(response_code).toMatch(/^\d{14}$/);
    expect(acquirer_ref).toBe(response_code);
  });

  it('is of the cart, the amount and the reference that are asked for', async () => {
    const about = ['--cart', 'order-9', '--tran-ref', 'TST1', '--amount', '12.345'];
    const notice = readNotification(await bodyOf('refunded', ...about, '--currency', 'kwd'));
    expect(notice).toMatchObject({
      cartId: 'order-9',
      tranRef: 'TST1',
      total: { minor: 12345n, currency: 'KWD' },
      previousTranRef: expect.stringMatching(/^TST/),
    });
  });

  it('has any field otherwise on demand, exactly as it was written', async () => {
    const fields = ['payment_result.response_code=G1', 'invoice_id:=77', 'user_defined.udf1=a=b'];
    const asked = [...fields, 'cart_amount:=149.50'].flatMap((field) => ['--set', field]);
    const lines = await printed('reportedPaid', ...asked);
    expect(lines.at(-1)).toContain('"cart_amount":149.50,');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      payment_result: { response_code: 'G1', response_status: 'A' },
      invoice_id: 77,
      user_defined: { udf1: 'a=b' },
    });
  });

  it('can be printed: the whole request, and not the key', async () => {
    const lines = await printed('reportedPaid');
    expect(lines[0]).toBe('POST http://127.0.0.1:3000/pay');
    expect(lines).toContainEqual(expect.stringMatching(/^signature: [0-9a-f]{64}$/));
    const byGet = await printed('declined', '--as', 'return-get');
    expect(byGet[0]).toMatch(
      /^GET http:\/\/127\.0\.0\.1:3000\/pay\?cartId=order-1001&respCode=305&/,
    );
  });

  it('is listed', async () => {
    const { code, out } = await trigger('--list');
    expect(code).toBe(0);
    expect(out.map((line) => line.split(' ')[0])).toEqual(
      expect.arrayContaining([...kindNames, 'forged', 'otherProfile']),
    );
  });
});

describe('a wrong command line of trigger', () => {
  const to = ['--forward-to', 'http://127.0.0.1:3000/pay'];
  it.each([
    ['no kind', to, 'Say which kind'],
    ['an unknown kind', ['paid', ...to], 'There is no kind "paid"'],
    ['no address', ['declined'], '--forward-to'],
    ['a public address', ['declined', '--forward-to', 'http://203.0.113.9/'], '--allow-public'],
    [
      'a public IPv6 address',
      ['declined', '--forward-to', 'http://[2001:db8::1]/'],
      '--allow-public',
    ],
    ['a password', ['declined', '--forward-to', 'http://a:b@127.0.0.1/'], 'without user'],
    ['an unknown form', ['declined', ...to, '--as', 'sms'], '--as must be'],
    ['a float too fine', ['declined', ...to, '--amount', '1.001'], 'more than the 2 decimals'],
    ['no number', ['declined', ...to, '--amount', '1e2'], 'not a decimal amount'],
    ['an unknown currency', ['declined', ...to, '--currency', 'XYZ'], 'no currency XYZ'],
    ['a forgery a return cannot be', ['stale', ...to, '--as', 'return'], 'cannot be stale'],
    ['a field without a value', ['declined', ...to, '--set', 'x'], 'write field=text'],
    ['JSON that is none', ['declined', ...to, '--set', 'x:=y'], 'must be JSON'],
    ['JSON in a return', ['declined', ...to, '--as', 'return', '--set', 'x:=1'], 'texts only'],
    ['an unknown flag', ['declined', ...to, '--nope'], '--nope'],
  ])('with %s is refused in a sentence', async (_, args, message) => {
    const { code, err } = await trigger(...args);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });

  it('may name a public address once it is allowed', async () => {
    const far = ['--forward-to', 'http://203.0.113.9/', '--allow-public', '--print'];
    expect(await trigger('declined', ...far)).toMatchObject({ code: 0 });
  });
});
