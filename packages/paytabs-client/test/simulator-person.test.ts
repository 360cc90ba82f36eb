import { describe, expect, it } from 'vitest';
import { readNotification } from '../src/index.js';
import { startShop } from './shop.js';
import {
  ask,
  endOf,
  type Json,
  moves,
  query,
  refOf,
  sale,
  startGateway,
} from './simulator-wire.js';

const open = async (url: string) => (await fetch(url)).text();

/** What a browser does with a form: the fields it shows, then the button that was pressed. */
async function press(url: string, button: string, typed: Record<string, string> = {}) {
  const html = await open(url);
  const shown = Array.from(
    html.matchAll(/<input [^>]*name="(\w+)"[^>]*value="([^"]*)"/g),
    (found) => [found[1] ?? '', found[2] ?? ''],
  );
  expect(html).toContain(`name="action" value="${button}"`);
  const answer = await fetch(url, {
    method: 'POST',
    body: new URLSearchParams({ ...Object.fromEntries(shown), ...typed, action: button }),
  });
  return { status: answer.status, html: await answer.text() };
}

const start = async (more: Json = {}) => {
  const shop = await startShop();
  const simulator = await startGateway();
  const request = sale({ callback: shop.callbackUrl, return: shop.returnUrl, ...more });
  const reply = await ask(simulator, request);
  const url = String(reply.redirect_url);
  const end = async () => endOf(await query(simulator, refOf(reply)));
  return { shop, simulator, url, end };
};

describe('a person at the page', () => {
  it('pays with what the form proposes', async () => {
    const { url, end, simulator } = await start();
    expect((await press(url, 'pay')).html).toContain('id="return"');
    expect(await end()).toBe('A');
    expect(moves(simulator)).toEqual(['charge 10000']);
  });

  it('is declined with another security code', async () => {
    const { url, end } = await start();
    await press(url, 'pay', { cvv: '999' });
    expect(await end()).toBe('D/305');
  });

  it.each([
    ['authorise', 'A'],
    ['reject', 'D/310'],
  ])('is asked by the bank, and says %s', async (answer, expected) => {
    const { url, end } = await start();
    const asked = await press(url, 'pay', { number: '4000 0000 0000 0002' });
    expect(asked.html).toContain('id="challenge"');
    expect(await open(url)).toContain('id="challenge"');
    await press(url, answer);
    expect(await end()).toBe(expected);
  });

  it('cancels, also while the bank asks', async () => {
    const { url, end, shop, simulator } = await start();
    await press(url, 'cancel');
    expect(await end()).toBe('C/321');
    await simulator.idle();
    const notice = JSON.parse(String(shop.callbacks[0]?.body)) as Json;
    expect(readNotification(notice).kind).toBe('cancelled');
    expect(notice.payment_info).toEqual({ card_scheme: '', payment_description: 'No Payment' });

    const other = await start();
    await press(other.url, 'pay', { number: '4000000000000002' });
    await fetch(other.url, { method: 'POST', body: new URLSearchParams({ action: 'cancel' }) });
    expect(await other.end()).toBe('C/321');
  });

  it('pays later at an agent', async () => {
    const { url, end } = await start({ cart_currency: 'EGP' });
    await press(url, 'later:aman');
    expect(await end()).toMatch(/^P\/\d{14}$/);
  });

  it.each([
    ['another currency', {}],
    ['a hold', { cart_currency: 'EGP', tran_type: 'auth' }],
  ])('cannot pay later what is %s', async (_, more) => {
    const { url, simulator } = await start(more);
    const body = new URLSearchParams({ action: 'later:aman' });
    expect(await (await fetch(url, { method: 'POST', body })).text()).toContain('id="card"');
    expect(simulator.ledger()[0]?.status).toBeUndefined();
  });

  it('verifies a card', async () => {
    const { url, simulator } = await start({ tran_type: 'register' });
    expect(await open(url)).toContain('<h1>Verify Card</h1>');
    await press(url, 'pay');
    expect(moves(simulator)).toEqual(['hold 10000', 'reversal 10000']);
  });
});

describe('a page inside another', () => {
  it.each([
    [{}, "'none'", ''],
    [{ framed: true }, 'http: https:', ''],
    [{ framed: true, framed_return_parent: true }, 'http: https:', ' target="_parent"'],
    [{ framed: true, framed_return_top: true }, 'http: https:', ' target="_top"'],
  ])('may stand there and leads back to where %j says', async (more, ancestors, target) => {
    const { url, shop } = await start(more);
    const policy = (await fetch(url)).headers.get('content-security-policy');
    expect(policy).toMatch(new RegExp(`frame-ancestors ${ancestors}$`));
    const { html } = await press(url, 'cancel');
    expect(html).toContain(`action="${shop.returnUrl}"${target}>`);
  });
});

describe('the page in Arabic', () => {
  it('reads from right to left, with numbers left to right', async () => {
    const { url } = await start({ paypage_lang: 'ar' });
    const html = await open(url);
    expect(html).toContain('<html lang="ar" dir="rtl">');
    expect(html).toContain('رقم البطاقة');
    expect(html).toContain('<bdi dir="ltr">AED 100.00</bdi>');
    expect(html).toMatch(/<input id="number" name="number" dir="ltr"/);
    expect(html).not.toMatch(/>(Pay|Cancel|Card number|Reference)/);
  });

  it('stays Arabic through a mistake, the bank’s question and the way back', async () => {
    const { url, end } = await start({ paypage_lang: 'AR' });
    expect((await press(url, 'pay', { number: '41' })).html).toContain('رقم البطاقة غير صحيح.');
    const asked = await press(url, 'pay', { number: '4000000000000002' });
    expect(asked.html).toContain('هل هذه العملية لك؟');
    const left = await press(url, 'authorise');
    expect(left.html).toContain('dir="rtl"');
    expect(left.html).toContain('<button>متابعة</button>');
    expect(await end()).toBe('A');
    expect(await open(url)).toContain('سبق استخدام صفحة الدفع هذه.');
  });

  it('is one click away, and back', async () => {
    const { url } = await start();
    expect(await open(url)).toContain('<a href="?lang=ar" lang="ar">العربية</a>');
    const arabic = await open(`${url}?lang=ar`);
    expect(arabic).toContain('dir="rtl"');
    expect(arabic).toContain('<a href="?lang=en" lang="en">English</a>');
    expect((await press(`${url}?lang=ar`, 'pay', { number: '41' })).html).toContain('dir="rtl"');
  });

  it('says everything in Arabic that it says in English', async () => {
    const { textsOf } = await import('../src/testing/simulator/page/texts.js');
    const [english, arabic] = [textsOf('en'), textsOf('ar')].map((texts) => Object.entries(texts));
    for (const [index, [name, text]] of (english ?? []).entries()) {
      expect([name, arabic?.[index]?.[1]]).not.toEqual([name, text]);
    }
  });
});
