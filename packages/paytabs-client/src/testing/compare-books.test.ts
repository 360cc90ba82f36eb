import { expect, it } from 'vitest';
import { money } from '../money/money.js';
import { compareBooks } from './compare-books.js';
import type { IssuerLogEntry } from './simulator/bank/issuer.js';

const line = (
  cartId: string,
  [action, minor]: readonly [IssuerLogEntry['action'], bigint],
  more: Partial<IssuerLogEntry> = {},
): IssuerLogEntry => ({
  at: 0,
  approved: true,
  code: 'G1',
  message: 'Authorised',
  action,
  cartId,
  amount: money(minor, 'AED'),
  tranRef: `T-${cartId}`,
  card: '',
  account: '',
  ...more,
});

const bank = [
  line('a', ['charge', 100n]),
  line('a', ['refund', 30n]),
  line('a', ['refund', 20n], { tranRef: 'T-a2' }),
  line('b', ['charge', 70n], { approved: false }),
  line('c', ['hold', 50n]),
  line('c', ['extension', 50n]),
  line('c', ['capture', 40n]),
];
const books = { a: { charge: 100n, refund: 50n }, c: { hold: 50n, capture: 40n } };

it('finds nothing where both say the same, as an object or a map', () => {
  expect(compareBooks({ bank, merchant: books })).toEqual([]);
  expect(compareBooks({ bank, merchant: new Map(Object.entries(books)) })).toEqual([]);
});

it.each([
  ['more than was moved', { ...books, b: { charge: 70n } }, 'b', 'charge', 0n, 70n, []],
  [
    'less than was moved',
    { ...books, a: { charge: 100n, refund: 30n } },
    'a',
    'refund',
    50n,
    30n,
    ['T-a', 'T-a2'],
  ],
  ['a cart they do not know', { a: books.a, c: { hold: 50n } }, 'c', 'capture', 40n, 0n, ['T-c']],
  ['a hold they do not know', { a: books.a, c: { capture: 40n } }, 'c', 'hold', 50n, 0n, ['T-c']],
] as const)('tells of books that have %s', (_, merchant, cartId, kind, inBank, said, tranRefs) => {
  expect(compareBooks({ bank, merchant })).toEqual([
    { cartId, kind, bank: inBank, merchant: said, tranRefs },
  ]);
});

it('leaves out the kinds that nobody keeps books of', () => {
  const merchant = { a: books.a, c: { capture: 40n } };
  expect(compareBooks({ bank, merchant, kinds: ['charge', 'capture', 'refund'] })).toEqual([]);
});
