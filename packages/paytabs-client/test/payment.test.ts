import { createServer, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { money, PayTabsClient } from '../src/index.js';
import { type Simulator, startSimulator } from '../src/testing/index.js';

let simulator: Simulator;
let client: PayTabsClient;

beforeEach(async () => {
  simulator = await startSimulator({ allowLocalCallback: true });
  client = new PayTabsClient({
    profileId: simulator.profileId,
    serverKey: simulator.serverKey,
    baseUrl: simulator.baseUrl,
  });
});
afterEach(async () => {
  await client.close();
  await simulator.stop();
});

const body = async (request: IncomingMessage) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

describe('a payment', () => {
  it('goes from page to callback to query', async () => {
    const got: { url: string | undefined; body: string; signature: unknown }[] = [];
    const shop = createServer(async (request, response) => {
      got.push({
        url: request.url,
        body: await body(request),
        signature: request.headers.signature,
      });
      response.writeHead(request.url === '/callback' ? 200 : 303, { location: '/done' }).end();
    });
    await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
    const at = `http://127.0.0.1:${(shop.address() as { port: number }).port}`;
    const page = await client.createHostedPage({
      cartId: 'order-1001.1',
      amount: money(14950n, 'AED'),
      description: 'Two tickets & <more>',
      callbackUrl: `${at}/callback`,
      returnUrl: `${at}/return`,
      customer: { name: 'Sara Haddad', email: 'sara@example.com' },
    });
    const visit = await simulator.pay(page.redirectUrl);
    await simulator.idle();
    const transaction = await client.query({ tranRef: page.tranRef });
    expect(transaction).toMatchObject({ status: 'A', total: { minor: 14950n, currency: 'AED' } });
    expect(visit.returned).toMatchObject({ status: 303, location: '/done' });
    expect(got.map((each) => each.url).sort()).toEqual(['/callback', '/return']);
    await new Promise((resolve) => shop.close(resolve));
  });
});
