import type { NoticeDocument } from '../../src/payments/webhook/notice.document.js';
import type { StoredEvent } from '../../src/platform/outbox/event.js';
import type { Variables } from './environment.js';
import { EventRecorder } from './event-recorder.js';
import { type House, openPage, startHouse } from './house.js';
import { postNotice } from './notice.js';
import { ShiftedClock } from './shifted-clock.js';

export const MONTH_MS = 30 * 86_400_000;

type Shopper = Parameters<House['simulator']['pay']>[1];
type UsedPage = Awaited<ReturnType<typeof openPage>> & {
  readonly id: string;
  readonly tranRef: string;
};

/** A house in which no notice goes out by itself: the tests say which one, when, and how often. */
export interface NoticeHouse extends House {
  readonly clock: ShiftedClock;
  readonly events: EventRecorder;
  /** A payment whose page was used; its notice has not been sent. */
  usedPage(shopper?: Shopper): Promise<UsedPage>;
  /** What the inbox holds about a payment's first try, in the order of arrival. */
  noticesOf(id: string): Promise<NoticeDocument[]>;
  /** Posts a notice with the true signature of its bytes. */
  post(body: unknown): ReturnType<typeof postNotice>;
  alertsAbout(id: string): StoredEvent[];
}

export async function startNoticeHouse(variables: Variables = {}): Promise<NoticeHouse> {
  const clock = new ShiftedClock();
  const events = new EventRecorder();
  const house = await startHouse({
    gateway: { callbackDelayMs: MONTH_MS, duplicateGuard: 'off' },
    variables,
    overrides: { clock, modules: [events.module] },
  });
  const { server, simulator } = house;
  return {
    ...house,
    clock,
    events,
    usedPage: async (shopper = {}) => {
      const page = await openPage(server);
      await simulator.pay(page.redirectUrl, { closeTab: true, ...shopper });
      const entry = simulator.ledger().find(({ cartId }) => cartId === `${page.payment.id}.1`);
      return { ...page, id: page.payment.id, tranRef: entry?.tranRef ?? '' };
    },
    noticesOf: (id) =>
      server.db
        .collection<NoticeDocument>('webhookInbox')
        .find({ cartId: `${id}.1` })
        .sort({ _id: 1 })
        .toArray(),
    post: (body) => postNotice(server, simulator, body),
    alertsAbout: (id) =>
      events.deliveries.filter(
        ({ type, data }) => type === 'alert.raised' && String(data.cartId).startsWith(id),
      ),
  };
}
