import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import { describeTransaction, type HostedPageRequest, readNotification } from '../src/index.js';
import { type SimulatorOptions, testCards, visitHostedPage } from '../src/testing/index.js';
import { startShop } from './shop.js';
import { openPage, pageRequest, paidSale, startPair } from './with-simulator.js';

const startWithPage = async (
  more: Partial<HostedPageRequest> = {},
  simulator: SimulatorOptions = {},
) => {
  const pair = await startPair({ simulator });
  return { ...pair, page: await openPage(pair.client, pageRequest(more)) };
};

const get = async (url: string) => {
  const answer = await fetch(url);
  return { status: answer.status, headers: answer.headers, html: await answer.text() };
};

describe('the hosted page', () => {
  it('loads nothing from elsewhere and runs no script but its own', async () => {
    const { page } = await startWithPage();
    const { html, headers } = await get(page.redirectUrl);
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/script-src 'sha256-[^']+';/);
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(html).not.toMatch(/<script|https?:\/\/|url\(|@import/);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('says what is paid, as text', async () => {
    const { page } = await startWithPage({ description: '<img src=x> & "tickets"' });
    const { html } = await get(page.redirectUrl);
    expect(html).toContain('&lt;img src=x&gt; &amp; &quot;tickets&quot;');
    expect(html).toContain('AED 149.50');
  });

  it('sends the browser back by itself, or by a button without scripts', async () => {
    const shop = await startShop();
    const { page } = await startWithPage({ returnUrl: shop.returnUrl });
    const answer = await fetch(page.redirectUrl, {
      method: 'POST',
      body: new URLSearchParams({ action: 'cancel' }),
    });
    const html = await answer.text();
    expect(html).toContain(`<form method="post" id="return" action="${shop.returnUrl}">`);
    expect(html).toContain('<button>Continue</button>');
    expect(html).toContain("document.getElementById('return').submit();");
    expect(answer.headers.get('content-security-policy')).toContain('form-action http: https:');
  });

  it('works once', async () => {
    const { simulator, page } = await startWithPage();
    await simulator.pay(page.redirectUrl);
    expect((await get(page.redirectUrl)).status).toBe(410);
    await expect(simulator.pay(page.redirectUrl)).rejects.toThrow('410');
    expect(simulator.issuerLog()).toHaveLength(1);
  });

  it('lives twenty minutes, or as long as was asked for, and then vanishes', async () => {
    const { simulator, client, page } = await startWithPage({}, { clock: new ManualClock() });
    const longer = await openPage(client, pageRequest({ ttlMinutes: 30 }));
    simulator.advance(20 * 60_000 - 1);
    expect((await get(page.redirectUrl)).status).toBe(200);
    simulator.advance(1);
    expect((await get(page.redirectUrl)).status).toBe(410);
    expect((await get(longer.redirectUrl)).status).toBe(200);
    await expect(client.query({ tranRef: page.tranRef })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('can report its end instead', async () => {
    const shop = await startShop();
    const { simulator, client, page } = await startWithPage(
      { callbackUrl: shop.callbackUrl },
      { unusedPages: 'expire' },
    );
    simulator.advance(20 * 60_000);
    await simulator.idle();
    expect(describeTransaction(await client.query({ tranRef: page.tranRef })).kind).toBe('expired');
    const [callback] = shop.callbacks;
    expect(readNotification(JSON.parse(String(callback?.body)))).toMatchObject({
      kind: 'expired',
      responseCode: '355',
    });
  });

  it('has no second end once it was used', async () => {
    const { simulator, page } = await startWithPage({}, { unusedPages: 'expire' });
    await simulator.pay(page.redirectUrl);
    simulator.advance(20 * 60_000);
    expect(simulator.ledger()[0]?.status).toBe('A');
  });

  it('is not found under any other address', async () => {
    const { simulator } = await startWithPage();
    expect((await get(`${simulator.baseUrl}/payment/wr/ABCDEF`)).status).toBe(404);
  });

  it.each([
    ['a number that fails its check digit', { number: '4111111111111112' }],
    ['a number that is too short', { number: '41111' }],
    ['a security code with a letter', { cvv: '12x' }],
    ['month 13', { expiryMonth: 13 }],
    ['the year 39', { expiryYear: 39 }],
  ])('asks again after %s, and nothing has happened', async (_, wrong) => {
    const { simulator, page } = await startWithPage();
    const card = { ...testCards.visa, ...wrong };
    await expect(simulator.pay(page.redirectUrl, { card })).rejects.toThrow('card form');
    expect(simulator.issuerLog()).toEqual([]);
    await expect(simulator.pay(page.redirectUrl)).resolves.toBeDefined();
  });

  it('declines a card nobody knows', async () => {
    const { simulator, page } = await startWithPage();
    const card = { ...testCards.visa, number: '4242424242424242' };
    await simulator.pay(page.redirectUrl, { card });
    expect(simulator.ledger()).toMatchObject([{ status: 'D', responseCode: '300' }]);
  });

  it('can be left before the way back: the callback comes all the same', async () => {
    const shop = await startShop();
    const { callbackUrl, returnUrl } = shop;
    const { simulator, page } = await startWithPage({ callbackUrl, returnUrl });
    const visit = await visitHostedPage(page.redirectUrl, { closeTab: true });
    await simulator.idle();
    expect(visit.returned).toBeUndefined();
    expect([shop.callbacks.length, shop.returns.length]).toEqual([1, 0]);
  });
});

describe('the bank behind it', () => {
  it.each([
    ['approve', 'wrongCvv', 'A'],
    ['decline', 'visa', 'D'],
    ['person', 'visa', 'A'],
    ['person', 'wrongCvv', 'D'],
  ] as const)('in mode %s answers %s with %s', async (mode, card, status) => {
    const { simulator, page } = await startWithPage({}, { mode });
    await simulator.pay(page.redirectUrl, { card });
    expect(simulator.ledger()[0]?.status).toBe(status);
    expect(simulator.issuerLog()[0]?.approved).toBe(status === 'A');
  });

  it('declines the next card by code when told to, and only that one', async () => {
    const pair = await startPair();
    pair.simulator.declineNext();
    await paidSale(pair);
    await paidSale(pair);
    expect(pair.simulator.ledger().map((entry) => entry.responseCode)).toEqual([
      '316',
      expect.stringMatching(/^G/),
    ]);
  });

  it('masks what it writes down', async () => {
    const { simulator, page } = await startWithPage();
    await simulator.pay(page.redirectUrl);
    expect(simulator.issuerLog()[0]?.card).toBe('4111 11## #### 1111');
  });
});
