import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import {
  createNotificationVerifier,
  hasEnded,
  type Intent,
  isPayTabsError,
  PayTabsClient,
} from '../../src/index.js';
import { RedisIntentStore } from '../../src/stores/redis/index.js';
import { visitHostedPage } from '../../src/testing/index.js';
import type { FromShop, ShopSettings, Task, ToShop } from './messages.js';
import { amountOf } from './plan.js';
import { entryOf, plantedStore } from './planted.js';
import { scaledClock } from './scaled-clock.js';
import { eventNames, stringify } from './watched.js';

/** One process of the shop: does what it is told, hears notices, reconciles, and tells the books every end. */

const settings = JSON.parse(process.argv[2] as string) as ShopSettings;
const { profileId, serverKey, baseUrl, planted } = settings;
const clock = scaledClock(settings);
const tell = (message: FromShop) => process.send?.(message);

const redis = new Redis(settings.redisUrl, { lazyConnect: false });
const client = new PayTabsClient({
  profileId,
  serverKey,
  baseUrl,
  clock,
  intents: plantedStore(new RedisIntentStore({ redis }), planted),
  maxConnections: 256,
  // Trouble of this size is the rule here, not an outage.
  breakers: { read: { failureRate: 0.95 }, write: { failureRate: 0.95 } },
  // Everything that a page could still be paid by is over sooner than with every method there is.
  reconcile: { pageGraceMs: 60_000, pageCheckMs: 60_000, tellAfterMs: 2_000 },
});
for (const name of eventNames) {
  client.events.on(name, (event) => {
    const shown = inspect(event, { depth: 9, showHidden: true }) + stringify(event);
    if (settings.secrets.some((secret) => shown.includes(secret))) {
      tell({ kind: 'leaked', where: `event ${name}` });
    }
  });
}
client.events.on('intentMoved', ({ from, to }) => tell({ kind: 'moved', from, to }));
client.events.on('corrected', ({ intent }) => tell({ kind: 'corrected', cartId: intent.cartId }));

const crash = (error: unknown) => {
  tell({ kind: 'crashed', message: error instanceof Error ? `${error.stack}` : String(error) });
};

let bookings = 0;
const booked = new Map<number, () => void>();

/** Resolves when the books have it. */
async function book(intent: Intent): Promise<void> {
  bookings += 1;
  const id = bookings;
  const heard = new Promise<void>((resolve) => booked.set(id, resolve));
  tell({ kind: 'book', id, entry: entryOf(intent, planted) });
  await heard;
}

async function bookIfEnded(intent: Intent | undefined): Promise<void> {
  if (intent === undefined || !hasEnded(intent) || intent.acknowledged) return;
  await book(intent);
  await client.acknowledge(intent);
}

const verifier = createNotificationVerifier({ keys: [serverKey], clock });
const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const { method = '', headers } = request;
  const verdict = await verifier.verify({ method, headers, body: await buffer(request) });
  response.writeHead(verdict.verdict === 'accepted' ? 200 : 400).end();
  if (verdict.verdict !== 'accepted') return;
  const { cartId, kind, tranRef, total } = verdict.payload;
  if (planted === 'believesNotices' && kind === 'reportedPaid') {
    const minor = String(total.minor);
    const entry = { cartId, says: 'paid', state: 'done', revision: 1e9, tranRef, minor } as const;
    bookings += 1;
    tell({ kind: 'book', id: bookings, entry });
    return;
  }
  await quietly(async () => bookIfEnded(await client.check({ cartId })));
};
const server = createServer((request, response) => {
  answer(request, response).catch(crash);
});

/** What fails here is asked for again by reconciling. */
async function quietly(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isPayTabsError(error)) throw error;
  }
}

function send({ cartId, order, leg, token, tranRef }: Task, callbackUrl: string) {
  const common = { cartId, amount: amountOf(order), description: 'Chaos', callbackUrl };
  if (leg === 'followUp') {
    const followUp = { ...common, tranRef };
    if (order.kind === 'refund') return client.refund(followUp);
    return order.kind === 'capture' ? client.capture(followUp) : client.void(followUp);
  }
  if (order.kind === 'page') return client.createHostedPage(common);
  const type = order.kind === 'capture' || order.kind === 'void' ? 'auth' : 'sale';
  return client.chargeToken({ ...common, type, card: { token, tranRef } });
}

async function perform(task: Task, callbackUrl: string): Promise<void> {
  const { cartId, order } = task;
  try {
    const outcome = await send(task, callbackUrl);
    // Who comes again stays.
    const leaves = order.onPage === 'leaves' && cartId.endsWith('.1');
    if (outcome.kind === 'page' && !leaves) {
      const action = order.onPage === 'cancels' ? 'cancel' : 'pay';
      // A page that the simulator cannot show is a shopper who goes away.
      await visitHostedPage(outcome.redirectUrl, { action }).catch(() => undefined);
    }
    if (outcome.kind === 'unknown' && planted === 'blindRetry') {
      const entry = { cartId, says: 'unpaid', state: 'unknown', revision: 0 } as const;
      bookings += 1;
      tell({ kind: 'book', id: bookings, entry });
    }
  } catch (error) {
    if (!isPayTabsError(error)) throw error;
    const shown = inspect(error, { depth: 9, showHidden: true }) + stringify(error);
    if (settings.secrets.some((secret) => shown.includes(secret))) {
      tell({ kind: 'leaked', where: `error ${error.code}` });
    }
    const known = await client.findIntent({ cartId }).catch(() => 'unreadable' as const);
    if (known === undefined) return void tell({ kind: 'nothingDone', cartId, code: error.code });
  }
  await quietly(async () => bookIfEnded(await client.findIntent({ cartId })));
}

async function reconcileForEver(): Promise<never> {
  for (;;) {
    await quietly(() => client.reconcile({ limit: 500, onEnded: ({ intent }) => book(intent) }));
    await new Promise((resolve) => setTimeout(resolve, 1_000 / settings.factor));
  }
}

process.on('unhandledRejection', crash);

server.listen(0, '127.0.0.1');
await once(server, 'listening');
const callbackUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`;

process.on('message', (message: ToShop) => {
  if (message.kind === 'task') perform(message.task, callbackUrl).catch(crash);
  if (message.kind === 'booked') {
    booked.get(message.id)?.();
    booked.delete(message.id);
  }
  if (message.kind === 'wasBegun') {
    const { cartId } = message;
    quietly(async () => {
      const was = (await client.findIntent({ cartId })) !== undefined;
      tell({ kind: 'begun', cartId, was });
    }).catch(crash);
  }
});
reconcileForEver().catch(crash);
tell({ kind: 'ready' });
