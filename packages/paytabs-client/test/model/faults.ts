import { advance } from '../../src/intents/advance.js';
import type { Fact } from '../../src/intents/fact.js';
import { sameMoney } from '../../src/money/money.js';
import { client, settings } from './client.js';
import type { Client, Setting } from './steps.js';

/** A client that does one thing wrong, and the world in which that shows. */
export interface Fault {
  readonly name: string;
  readonly client: Client;
  readonly setting: Setting;
  readonly crashes?: number;
  readonly notices?: number;
}

type Advance = Client['advance'];

/** Changes what a fact says before the true rules see it. */
const seeing =
  (change: (fact: Fact, intent: Parameters<Advance>[0]) => Fact): Advance =>
  (intent, fact, rules) =>
    advance(intent, change(fact, intent), rules);

const { charge, silentBank, usedElsewhere, page } = settings;

/** Mistakes that clients of gateways without idempotency make. Each must be found. */
export const faults: readonly Fault[] = [
  {
    name: 'sends again after a time-out',
    client: { ...client, sendings: 2 },
    setting: charge,
  },
  {
    name: 'stores the intent after it has sent',
    client: { ...client, storesFirst: false },
    setting: charge,
    crashes: 1,
  },
  {
    name: 'sends the intents it finds when it starts',
    client: { ...client, resends: true },
    setting: charge,
    crashes: 1,
  },
  {
    name: 'believes a notice without asking',
    client: { ...client, believesNotices: true },
    setting: charge,
    notices: 1,
  },
  {
    name: 'does not compare the amount',
    client: {
      ...client,
      advance: seeing((fact, { amount }) =>
        fact.kind === 'checked'
          ? {
              ...fact,
              rows: fact.rows.map((row) =>
                sameMoney(row.cartAmount, amount) ? row : { ...row, cartAmount: amount },
              ),
            }
          : fact,
      ),
    },
    setting: usedElsewhere,
  },
  {
    name: 'takes a time-out for a failure',
    client: { ...client, onSilence: 'notSent' },
    setting: charge,
  },
  {
    name: 'takes "nothing there" for an end at once',
    client: { ...client, rules: { ...client.rules, notFoundAfterMs: 0 } },
    setting: charge,
  },
  {
    name: 'does not look at the clock before it sends',
    client: { ...client, maySend: () => true },
    setting: charge,
  },
  {
    name: 'stamps an absence when it hears of it',
    client: { ...client, stampsWhenHeard: true },
    setting: charge,
  },
  {
    name: 'stores over what others have stored',
    client: { ...client, compares: false },
    setting: usedElsewhere,
  },
  {
    name: 'acknowledges an end before the books have it',
    client: { ...client, acknowledgesFirst: true },
    setting: charge,
    crashes: 1,
  },
  {
    name: 'takes a bank that did not answer for a decline',
    client: {
      ...client,
      advance: seeing((fact) => {
        const declined = <Row extends { status: string }>(row: Row): Row =>
          row.status === 'E' ? { ...row, status: 'D' } : row;
        if (fact.kind === 'checked') return { ...fact, rows: fact.rows.map(declined) };
        return fact.kind === 'answered' ? { ...fact, row: declined(fact.row) } : fact;
      }),
    },
    setting: silentBank,
  },
  {
    name: 'forgets that its sender may have shown a page',
    client: {
      ...client,
      begin: (subject, rules) => {
        const { pageLifeMs: _, ...rest } = subject;
        return client.begin(rest, rules);
      },
    },
    setting: page,
    crashes: 1,
  },
];
