import { type ChannelListener, channel } from 'node:diagnostics_channel';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { Agent } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PayTabsClient, parseMajor } from '../src/index.js';
import { doneReply, profileId, serverKey } from './with-dispatcher.js';

const number = '4111111111111111';

/** Every channel on which undici tells of requests. */
const channels = [
  'undici:request:create',
  'undici:request:bodyChunkSent',
  'undici:request:bodySent',
  'undici:request:headers',
  'undici:request:trailers',
  'undici:request:error',
  'undici:client:sendHeaders',
  'undici:client:beforeConnect',
  'undici:client:connected',
  'undici:client:connectError',
];

/** All texts and bytes that can be reached from a value without running anything of it. */
function textsIn(value: unknown, seen = new Set<unknown>()): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || seen.has(value)) return [];
  seen.add(value);
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('latin1')];
  return Reflect.ownKeys(value).flatMap((name) => {
    const property = Object.getOwnPropertyDescriptor(value, name);
    return property !== undefined && 'value' in property ? textsIn(property.value, seen) : [];
  });
}

/** What listeners are told, kept in the moment they are told it. */
function listen(): { readonly told: Map<string, string> } {
  const told = new Map<string, string>();
  for (const name of channels) {
    const listener: ChannelListener = (message) => {
      const shown = [inspect(message, { depth: 10, showHidden: true }), ...textsIn(message)];
      told.set(name, `${told.get(name) ?? ''}\n${shown.join('\n')}`);
    };
    channel(name).subscribe(listener);
    onTestFinished(() => {
      channel(name).unsubscribe(listener);
    });
  }
  return { told };
}

async function startGateway() {
  const received: { key: string | undefined; method: string | undefined; body: string }[] = [];
  const answer = async (request: IncomingMessage) => {
    const body = (await buffer(request)).toString();
    received.push({ key: request.headers.authorization, method: request.method, body });
    if (request.url?.endsWith('/status')) return { invoice_status: 'pending' };
    const asked = JSON.parse(body) as { cart_id: string };
    return doneReply({ cart_id: asked.cart_id });
  };
  const server = createServer((request, response) => {
    void answer(request).then((said) => response.end(JSON.stringify(said)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { received, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const charge = (cartId: string) => ({
  cartId,
  amount: parseMajor('149.50', 'AED'),
  description: 'Zwei Plätze, ₪',
  customer: { name: 'Omar Saleh' },
  card: { number, cvv: '123', expiryMonth: 12, expiryYear: 2030 },
});

const start = async (more: { dispatcher?: Agent } = {}) => {
  const gateway = await startGateway();
  const client = new PayTabsClient({
    profileId,
    serverKey,
    baseUrl: gateway.baseUrl,
    ownForm: 'iAmPciDssSaqD',
    invoiceRoutes: 'path',
    ...more,
  });
  onTestFinished(() => client.close());
  return { ...gateway, client };
};

describe('who listens to the channels of undici', () => {
  it('learns neither key nor card, while the gateway gets both', async () => {
    const { told } = listen();
    const { client, received } = await start();
    // Twice, so that a connection is used again.
    for (const cartId of ['order-1', 'order-2']) {
      expect(await client.chargeCard(charge(cartId))).toMatchObject({ kind: 'completed' });
    }
    await client.invoices.status({ invoiceId: 1 });
    expect(received.map(({ key, method }) => [key, method])).toEqual([
      [serverKey, 'POST'],
      [serverKey, 'POST'],
      [serverKey, 'GET'],
    ]);
    expect(JSON.parse(received[1]?.body ?? '')).toMatchObject({
      cart_id: 'order-2',
      cart_description: 'Zwei Plätze, ₪',
      card_details: { pan: number, cvv: '123' },
    });
    for (const name of ['undici:request:create', 'undici:client:sendHeaders']) {
      expect(told.get(name)).toContain('authorization');
    }
    expect(told.has('undici:request:bodyChunkSent')).toBe(true);
    for (const shown of told.values()) {
      expect(shown).not.toContain(serverKey);
      expect(shown).not.toContain('J6KD9M2PQR');
      expect(shown).not.toContain(number);
      expect(shown).not.toContain('Omar Saleh');
    }
  });

  it('learns both where a dispatcher was passed in, for that is not ours to change', async () => {
    const dispatcher = new Agent();
    onTestFinished(() => dispatcher.close());
    const { told } = listen();
    const { client } = await start({ dispatcher });
    await client.chargeCard(charge('order-1'));
    expect(told.get('undici:request:create')).toContain(serverKey);
    expect(told.get('undici:request:create')).toContain(number);
  });
});
