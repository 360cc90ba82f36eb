import { describe, expect, it } from 'vitest';
import { exploreInterleavings } from './interleavings.js';

describe('the breaker and its model', () => {
  it.each([
    [{ calls: 2, trials: 2, maxConcurrent: 2, transitions: 3, byHand: false }, 594],
    [{ calls: 2, trials: 1, maxConcurrent: 1, transitions: 2, byHand: true }, 1272],
  ])('agree in every order of %j', (bounds, orders) => {
    expect(exploreInterleavings(bounds)).toBe(orders);
  });
});
