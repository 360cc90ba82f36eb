import { describe, expect, it } from 'vitest';
import { inWords, search } from './campaign.js';

describe('the breaker and its model', () => {
  it('agree after every step of random schedules', async () => {
    const finding = await search(20_260_101, 15_000);
    expect(finding && inWords(finding)).toBeUndefined();
  });
});
