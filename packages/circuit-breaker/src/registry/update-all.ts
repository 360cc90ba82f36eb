import type { CircuitBreaker } from '../breaker/circuit-breaker.js';
import { inner } from '../breaker/inner.js';
import type { ChangeableOptions } from '../options.js';
import { changeSettings } from '../settings/change-settings.js';

/**
 * Changes options of many breakers: of all, or of none if one of them cannot take the changes.
 * @throws InvalidOptionError
 */
export const updateAll = (
  breakers: readonly CircuitBreaker[],
  changes: ChangeableOptions,
): void => {
  for (const breaker of breakers) changeSettings(breaker[inner].machine.settings, changes);
  for (const breaker of breakers) breaker.update(changes);
};

/** A copy for good: those who hear of the first update are given it too. */
export const frozenChanges = (changes: ChangeableOptions): ChangeableOptions => {
  // What is no object is left to be refused.
  if (typeof changes !== 'object' || changes === null || Array.isArray(changes)) return changes;
  const copies = Object.entries(changes).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.freeze({ ...value })
      : value,
  ]);
  return Object.freeze(Object.fromEntries(copies)) as ChangeableOptions;
};
