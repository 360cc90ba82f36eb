import { beforeAll, expect, it } from 'vitest';
import { lintPlanted } from './support/lint-planted.js';

/** Ways to a float, each of which somebody has taken before. */
const FLOATS = [
  'const share = 0.05;',
  'const tiny = 5e-2;',
  'const read = (text: string) => parseFloat(text);',
  'const read = (text: string) => Number.parseFloat(text);',
  'const show = (value: number) => value.toFixed(2);',
  'const isSame = (amount: unknown, told: string) => Number(amount) === Number(told);',
  'const read = (body: Body) => Number(body.cart_amount);',
  'const read = (body: Body) => +body.tran_total;',
  'const read = (text: string) => Number.parseInt(text.discount_amount, 10);',
  'const inFils = (price: bigint) => Math.round(Number(price));',
  'const major = (wanted: Money) => Number(formatMajor(wanted));',
  'const asNumber = (held: Held) => Number(held.minor);',
  'const double = () => Number(2n ** 60n);',
  'const half = (minor: Whole) => minor / two;',
  'const totals = (bill: Bill) => bill.totals.map(Number);',
  'const amount = z.string().transform(Number);',
  'const schema = z.looseObject({ invoice_total: z.union([z.string(), z.number()]) });',
  'const pay = (amount: number) => amount;',
  'interface Order { readonly unitCost: number }',
  'class Purse { balance: number | undefined; }',
] as const;

/** Whole amounts, and numbers that are none. */
const FINE = [
  'const fils = 14_950n;',
  'const half = (minor: bigint) => minor / 2n;',
  'const version = "1.5";',
  'const hex = 0xde5;',
  'const seconds = (tookMs: number) => Math.round(tookMs / 1000);',
  'const id = z.string().transform(Number);',
  'const profile = (body: Body) => Number(body.profile_id);',
  'const order = (amount: Money, profileId: number) => [amount, profileId];',
  'const schema = z.looseObject({ cart_amount: z.string(), expiryMonth: z.number() });',
  'interface Purse { readonly amount: bigint; readonly totalCount: number }',
] as const;

const gateway = 'packages/paytabs-client/src/gateway/planted.ts';
const simulator = 'packages/paytabs-client/src/testing/simulator/api/planted.ts';
const fine = 'packages/paytabs-client/src/operations/fine.ts';
/** Where amounts become text and JSON, where seconds are counted, what is tested, and who has no money. */
const elsewhere = [
  'packages/paytabs-client/src/money/planted.ts',
  'packages/paytabs-client/src/metrics/planted.ts',
  'packages/paytabs-client/src/cli/doctor/planted.ts',
  'packages/paytabs-client/src/gateway/planted.test.ts',
  'packages/circuit-breaker/src/breaker/planted.ts',
] as const;

let found: Set<string>;

beforeAll(() => {
  // In blocks of their own, so that names may come twice.
  const blocks = (all: readonly string[]) => all.map((code) => `{ ${code} }`);
  const files = new Map([[fine, blocks(FINE)]]);
  for (const file of [gateway, simulator, ...elsewhere]) files.set(file, blocks(FLOATS));
  found = new Set(
    lintPlanted(files)
      .filter(({ code }) => code.includes('no-floats'))
      .map(({ filename, line }) => `${filename}:${line}`),
  );
});

it.each(FLOATS.map((code, index) => [code, index + 1] as const))('%s is found', (_, line) => {
  expect(found).toContain(`${gateway}:${line}`);
  expect(found).toContain(`${simulator}:${line}`);
});

it.each(FINE.map((code, index) => [code, index + 1] as const))('%s is fine', (_, line) => {
  expect(found).not.toContain(`${fine}:${line}`);
});

it.each(elsewhere)('nothing is found in %s', (file) => {
  expect([...found].filter((each) => each.startsWith(file))).toEqual([]);
});
