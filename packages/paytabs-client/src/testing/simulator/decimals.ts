import { exponentOf, formatMajor, type Money, money } from '../../money/money.js';
import type { ResolvedSimulatorOptions } from './options.js';

/** How many decimals the gateway knows: all that the currency has, or two at most. */
export type Decimals = ResolvedSimulatorOptions['decimals'];

/** What the gateway takes of an amount: what it does not know is rounded, halves up. */
export function roundAmount(amount: Money, decimals: Decimals): Money {
  if (decimals === 'currency') return amount;
  const step = 10n ** BigInt(Math.max(exponentOf(amount.currency) - 2, 0));
  return money(((amount.minor + step / 2n) / step) * step, amount.currency);
}

/** An amount as replies and notices show it. */
export function writeAmount(amount: Money, decimals: Decimals): string {
  const text = formatMajor(amount);
  return decimals === 'currency' ? text : text.replace(/(\.\d\d)\d+$/, '$1');
}
