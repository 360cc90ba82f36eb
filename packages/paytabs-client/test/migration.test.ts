import { createRequire } from 'node:module';
import { systemClock } from '@nestcms/circuit-breaker';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  describeTransaction,
  PayTabsClient,
  type PayTabsClientOptions,
  parseMajor,
  readNotification,
} from '../src/index.js';
import { type Simulator, startSimulator } from '../src/testing/index.js';
import { startShop } from './shop.js';
import { completed, openPage } from './with-simulator.js';

type Told = Record<string, unknown> & { payment_result?: { response_status: string } };
type Callback = (told: Told) => void;

interface PayTabsPt2 {
  setConfig(profileId: string, serverKey: string, region: string): void;
  createPaymentPage(...args: readonly unknown[]): void;
  validatePayment(tranRef: string, callback: Callback): void;
}

interface Axios {
  readonly interceptors: {
    readonly request: {
      use(change: (config: { url?: string }) => { url?: string }): number;
      eject(id: number): void;
    };
  };
}

const require = createRequire(import.meta.url);
const old = require('paytabs_pt2') as PayTabsPt2;
const axios = createRequire(require.resolve('paytabs_pt2'))('axios') as Axios;

let simulator: Simulator;
let interceptor: number;
const asked: string[] = [];

/** The package knows the gateway's hosts alone, so its HTTP library is told another. */
beforeAll(async () => {
  simulator = await startSimulator({ allowLocalCallback: true });
  interceptor = axios.interceptors.request.use((config) => {
    asked.push(String(config.url));
    return { ...config, url: String(config.url).replace(/^https:\/\/[^/]+/, simulator.baseUrl) };
  });
});
afterAll(async () => {
  axios.interceptors.request.eject(interceptor);
  await simulator.stop();
});

const configure = (region = 'ARE') =>
  old.setConfig(String(simulator.profileId), simulator.serverKey, region);
const validate = (tranRef: string) =>
  new Promise<Told>((resolve) => old.validatePayment(tranRef, resolve));

const oldPage = (cartId: string, { callbackUrl = '', amount = '149.50' } = {}) =>
  new Promise<Told>((resolve) => {
    configure();
    const cart = [cartId, 'AED', amount, 'Two tickets'];
    const urls = [callbackUrl || undefined, undefined];
    old.createPaymentPage(['all'], ['sale', 'ecom'], cart, [], [], urls, 'en', resolve);
  });

/** The client that comes after it, of the same profile. */
const newClient = (more: Partial<PayTabsClientOptions> = {}): PayTabsClient => {
  const { profileId, serverKey, baseUrl } = simulator;
  const client = new PayTabsClient({
    profileId,
    serverKey,
    baseUrl,
    ...more,
  } as PayTabsClientOptions);
  onTestFinished(() => client.close());
  return client;
};

const amount = parseMajor('149.50', 'AED');

describe('what paytabs_pt2 has begun', () => {
  it('is queried and refunded by the client', async () => {
    const page = await oldPage('order-1');
    await simulator.pay(String(page.redirect_url));
    const client = newClient();
    const tranRef = String(page.tran_ref);
    const sale = await client.query({ tranRef });
    expect(sale).toMatchObject({ cartId: 'order-1', status: 'A', total: amount });
    const refund = { tranRef, cartId: 'n-refund-1', amount, description: 'Cancelled' };
    const refunded = await completed(client.refund(refund));
    expect(describeTransaction(refunded).kind).toBe('refunded');
  });

  it('is confirmed by its notice, though no intent knows it', async () => {
    const shop = await startShop();
    const page = await oldPage('order-2', { callbackUrl: shop.callbackUrl });
    await simulator.pay(String(page.redirect_url));
    await simulator.idle();
    const client = newClient();
    const notice = readNotification(JSON.parse(String(shop.callbacks[0]?.body)));
    const { profileId } = client;
    const confirmed = await client.confirm(notice, { profileId, cartId: 'order-2', amount });
    expect(confirmed).toMatchObject({ confirmed: true, kind: 'paid' });
  });

  it('is found by its cart where no notice came', async () => {
    const page = await oldPage('order-3');
    await simulator.pay(String(page.redirect_url));
    const [sale] = await newClient().queryByCart({ cartId: 'order-3' });
    expect(sale).toMatchObject({ tranRef: page.tran_ref, status: 'A' });
  });

  it('stands in the way of the same reference in the client: a person is asked', async () => {
    const page = await oldPage('order-4', { amount: '149.50' });
    await simulator.pay(String(page.redirect_url));
    simulator.advance(300_000);
    const wallTime = () => Date.now() + 300_000;
    const client = newClient({ clock: { ...systemClock, wallTime } });
    const request = { cartId: 'order-4', amount, description: 'Two tickets' };
    await openPage(client, request);
    const { state } = await client.check({ cartId: 'order-4' });
    expect(state).toMatchObject({ name: 'disputed', reason: 'older' });
  });
});

describe('paytabs_pt2', () => {
  it('gives nothing to await', () => {
    configure();
    expect(old.validatePayment('TST1', () => {})).toBeUndefined();
  });

  it('hands over a refusal as a result, under a name with a colon and always as 400', async () => {
    old.setConfig(String(simulator.profileId), 'SAAAAAAAAA-AAAAAAAAAA-AAAAAAAAAA', 'ARE');
    const told = await validate('TST1');
    expect(told).toEqual({
      'response_code:': 400,
      result: expect.stringContaining('uthentication'),
    });
  });

  it('takes a decline for a success', async () => {
    const page = await oldPage('order-5');
    await simulator.pay(String(page.redirect_url), { card: 'wrongCvv' });
    const told = await validate(String(page.tran_ref));
    expect(told['response_code:']).toBeUndefined();
    expect(told.payment_result?.response_status).toBe('D');
  });

  it('asks an address that is none for a region it does not know', async () => {
    configure('IRQ');
    await validate('TST1');
    expect(asked.at(-1)).toBe('undefinedpayment/query');
  });

  it('sends what parseFloat makes of an amount, and a text of its own as user_defined', async () => {
    await oldPage('order-6', { amount: '12,50' });
    const body: unknown = JSON.parse(String(simulator.requests().at(-1)?.body));
    expect(body).toMatchObject({ cart_amount: 12, user_defined: { package: expect.any(String) } });
    expect(() => parseMajor('12,50', 'AED')).toThrow('12,50');
  });

  it('calls back a second time where the callback throws', async () => {
    const page = await oldPage('order-7');
    await simulator.pay(String(page.redirect_url));
    const told: Told[] = [];
    await new Promise<void>((resolve) => {
      old.validatePayment(String(page.tran_ref), (answer) => {
        told.push(answer);
        if (told.length === 1) throw new Error('of the shop');
        resolve();
      });
    });
    expect(told).toMatchObject([{ tran_ref: page.tran_ref }, { 'response_code:': 400 }]);
  });
});
