import { money } from '../../src/index.js';
import { advance } from '../../src/intents/advance.js';
import { beginIntent } from '../../src/intents/begin-intent.js';
import type { Fact } from '../../src/intents/fact.js';
import type { Intent, IntentSubject } from '../../src/intents/intent.js';
import type { Row } from '../../src/intents/judge-rows.js';
import { RECONCILE_DEFAULTS as rules } from '../../src/options.js';

export { rules };

const start = Date.UTC(2026, 8, 13, 8);

export const dayMs = 86_400_000;

/** The moment so many milliseconds after the intent was begun. */
export const after = (ms: number) => new Date(start + ms);

export const begun = (more: Partial<IntentSubject> = {}): Intent =>
  beginIntent(
    {
      profileId: 98765,
      cartId: 'charge-1',
      operation: 'chargeToken',
      type: 'sale',
      amount: money(14950n, 'AED'),
      begunAt: after(0),
      sendBefore: after(30_000),
      ...more,
    },
    rules,
  );

export const row = (more: Partial<Row> = {}): Row => ({
  tranRef: 'TST2625600001234',
  type: 'sale',
  cartId: 'charge-1',
  cartAmount: money(14950n, 'AED'),
  total: money(14950n, 'AED'),
  status: 'A',
  responseCode: 'G48213',
  time: after(1000),
  ...more,
});

export const declined = (more: Partial<Row> = {}): Row =>
  row({ status: 'D', responseCode: '300', ...more });

export const fold = (intent: Intent, ...facts: readonly Fact[]): Intent =>
  facts.reduce((current, fact) => advance(current, fact, rules), intent);

/** What a query by cart says that could be read in full. */
export const list = (ms: number, ...rows: Row[]): Fact => ({
  kind: 'checked',
  rows,
  complete: true,
  at: after(ms),
});

/** Some of the cart's transactions: of a list with gaps, or the one that a notice was confirmed by. */
export const some = (ms: number, ...rows: Row[]): Fact => ({
  kind: 'checked',
  rows,
  complete: false,
  at: after(ms),
});
