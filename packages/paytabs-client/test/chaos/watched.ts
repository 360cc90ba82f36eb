import type { PayTabsEvents } from '../../src/index.js';

/** Every event there is: a new one is missed by the compiler, not by chance. */
const named: Readonly<Record<keyof PayTabsEvents, true>> = {
  requested: true,
  answered: true,
  failed: true,
  retried: true,
  outcomeUnknown: true,
  intentNotSettled: true,
  intentMoved: true,
  ended: true,
  corrected: true,
  reconciled: true,
  modeMismatch: true,
  breakerChanged: true,
};

export const eventNames = Object.keys(named) as (keyof PayTabsEvents)[];

/** JSON of anything, amounts of money included. */
export const stringify = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each)) ??
  '';
