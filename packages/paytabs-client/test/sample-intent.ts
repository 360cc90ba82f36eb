import { INTENT_VERSION, type Intent, money } from '../src/index.js';

export const sampleIntent: Intent = {
  v: INTENT_VERSION,
  revision: 0,
  profileId: 98765,
  cartId: 'order-1.1',
  operation: 'createHostedPage',
  type: 'sale',
  amount: money(14950n, 'AED'),
  begunAt: new Date('2026-09-13T08:00:00Z'),
  sendBefore: new Date('2026-09-13T08:00:30Z'),
  state: { name: 'begun' },
  checks: { count: 0, nothing: 0 },
  since: new Date('2026-09-13T08:00:00Z'),
  acknowledged: false,
  dueAt: new Date('2026-09-13T08:01:30Z'),
};

/** The revision after `before`, in which nothing was sent. */
export const notSent = (before: Intent): Intent => ({
  ...before,
  revision: before.revision + 1,
  state: { name: 'notSent' },
});
