import { describe, expect, it } from 'vitest';
import { CartList } from '../src/cli/listen/cart-list.js';
import type { Intent, IntentState } from '../src/index.js';
import { sampleIntent } from './sample-intent.js';

const intent = (
  cartId: string,
  begunAt: number,
  state: IntentState = { name: 'begun' },
): Intent => ({
  ...sampleIntent,
  cartId,
  begunAt: new Date(begunAt),
  state,
});

const idsOf = (carts: CartList) => carts.list().map(({ cartId }) => cartId);

describe('the carts of a store', () => {
  it('are followed while they are open, and when they were begun lately', () => {
    const carts = new CartList({ since: 100, maxFromStore: 20 });
    carts.takeUp([
      intent('open', 50),
      intent('ended long ago', 50, { name: 'notSent' }),
      intent('ended lately', 100, { name: 'notSent' }),
    ]);
    expect(carts.list()).toEqual([
      { cartId: 'ended lately', isNew: true },
      { cartId: 'open', isNew: false },
    ]);
  });

  it('are followed on when the store no longer lists them, until newer ones take their place', () => {
    const carts = new CartList({ since: 0, maxFromStore: 2 });
    expect(carts.takeUp([intent('a', 1), intent('b', 2)])).toBe(0);
    expect(carts.takeUp([])).toBe(0);
    expect(idsOf(carts)).toEqual(['b', 'a']);
    expect(carts.takeUp([intent('c', 3)])).toBe(1);
    expect(idsOf(carts)).toEqual(['c', 'b']);
  });

  it('take no place of those that were named, and are not asked about twice', () => {
    const carts = new CartList({ since: 0, maxFromStore: 1 });
    expect(carts.isEmpty).toBe(true);
    for (const cartId of ['named', 'both']) carts.name(cartId);
    carts.takeUp([intent('both', 1)]);
    expect(idsOf(carts)).toEqual(['named', 'both']);
  });
});
