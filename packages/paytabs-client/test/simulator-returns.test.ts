import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ShopperChoice, SimulatorOptions } from '../src/testing/index.js';
import { startShop } from './shop.js';
import { ask, type Json, sale, startGateway } from './simulator-wire.js';

const visit = async (
  more: Json = {},
  { options = {}, choice = {} }: { options?: SimulatorOptions; choice?: ShopperChoice } = {},
) => {
  const shop = await startShop();
  const simulator = await startGateway(options);
  const reply = await ask(simulator, sale({ return: shop.returnUrl, ...more }));
  const { fields } = await simulator.pay(String(reply.redirect_url), choice);
  const sign = (text: string) =>
    createHmac('sha256', simulator.serverKey).update(text).digest('hex');
  return { shop, simulator, fields, sign, reply };
};

describe('the way back', () => {
  it('by GET brings fewer fields, next to the merchant’s own', async () => {
    const shop = await startShop();
    const { fields, sign } = await visit({
      return_using_get: true,
      return: `${shop.returnUrl}?order=7`,
    });
    expect(fields.order).toBe('7');
    const { order: _, signature, ...signed } = fields;
    expect(Object.keys(signed)).toEqual([
      'cartId',
      'respCode',
      'respMessage',
      'respStatus',
      'tranRef',
    ]);
    expect(signature).toBe(sign(new URLSearchParams(signed).toString()));
  });

  it('by GET reaches the merchant’s server with all of it in the query', async () => {
    const urls: string[] = [];
    const server = createServer((request, response) => {
      urls.push(request.url ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const { port } = server.address() as AddressInfo;
    const address = `http://127.0.0.1:${port}/back?order=7`;
    const { fields } = await visit({ return_using_get: true, return: address });
    const [url = ''] = urls;
    expect(Object.fromEntries(new URLSearchParams(url.split('?')[1]))).toEqual(fields);
    expect(url).toMatch(/^\/back\?order=7&/);
  });

  const tilde = { customer_details: { email: 'a~b@example.com' } };
  const cancelled = { action: 'cancel' } as const;

  it.each([
    ['php', '%7E'],
    ['bare', '~'],
  ] as const)('signs a tilde the %s way', async (way, written) => {
    const { fields, sign } = await visit(tilde, {
      options: { returnSignature: { tilde: way } },
      choice: cancelled,
    });
    const text = `cartId=${fields.cartId}&customerEmail=a${written}b%40example.com&respCode=321&respMessage=Cancelled&respStatus=C&tranRef=${fields.tranRef}`;
    expect(fields.signature).toBe(sign(text));
  });

  it.each([
    ['keep', 'cartId=0&'],
    ['drop', ''],
  ] as const)('signs a "0" or not: %s', async (zero, start) => {
    const { fields, sign } = await visit(
      { cart_id: '0' },
      { options: { returnSignature: { zero } }, choice: cancelled },
    );
    const text = `${start}respCode=321&respMessage=Cancelled&respStatus=C&tranRef=${fields.tranRef}`;
    expect(fields.signature).toBe(sign(text));
  });

  it.each([
    ['php', '%2A'],
    ['bare', '*'],
  ] as const)('signs a star the %s way', async (way, written) => {
    const { fields, sign } = await visit(
      { customer_details: { email: 'a*b@example.com' } },
      { options: { returnSignature: { star: way } }, choice: cancelled },
    );
    const text = `cartId=${fields.cartId}&customerEmail=a${written}b%40example.com&respCode=321&respMessage=Cancelled&respStatus=C&tranRef=${fields.tranRef}`;
    expect(fields.signature).toBe(sign(text));
  });

  it.each([
    ['keep', 'cartId=+&'],
    ['drop', ''],
  ] as const)('signs white space or not: %s', async (blank, start) => {
    const { fields, sign } = await visit(
      { cart_id: ' ' },
      { options: { returnSignature: { blank } }, choice: cancelled },
    );
    const text = `${start}respCode=321&respMessage=Cancelled&respStatus=C&tranRef=${fields.tranRef}`;
    expect(fields.signature).toBe(sign(text));
  });

  it.each([
    ['signed', true],
    ['unsigned', false],
  ] as const)('leaves errors %s', async (errors, isSigned) => {
    const simulator = await startGateway({ returnSignature: { errors } });
    for (const [end, signed] of [
      ['stall', isSigned],
      ['approve', true],
    ] as const) {
      simulator.bank.next({ kind: end });
      const reply = await ask(simulator, sale({ return: 'https://shop.example/return' }));
      const { fields } = await simulator.pay(String(reply.redirect_url), { closeTab: true });
      expect('signature' in fields).toBe(signed);
    }
  });

  it('brings nothing to a plain address, by GET', async () => {
    const shop = await startShop();
    const { fields } = await visit(
      { return: shop.returnUrl },
      { options: { allowLocalCallback: false } },
    );
    expect(fields).toEqual({});
  });
});
