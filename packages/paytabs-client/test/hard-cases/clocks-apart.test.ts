import { describe, expect, it } from 'vitest';
import { after, begun, fold, list, row, rules, some } from './money-samples.js';

describe('a transaction that the gateway itself gave in answer', () => {
  const early = { time: after(-rules.maxClockSkewMs - 1) };

  it('stays the request’s own, whatever the clocks say', () => {
    const done = fold(begun(), { kind: 'answered', row: row(early), at: after(1000) });
    expect(fold(done, some(5000, row(early)))).toBe(done);
    expect(fold(done, list(5000, row(early)))).toBe(done);
  });

  it('pays its page, whatever the clocks say', () => {
    const page = fold(begun({ pageLifeMs: 1_200_000 }), {
      kind: 'paged',
      tranRef: 'TST2625600001234',
      at: after(1000),
    });
    expect(fold(page, list(5000, row(early))).state).toMatchObject({ name: 'done' });
  });

  it('is one that nobody has named otherwise, and then an older one is for a person', () => {
    const lost = fold(begun(), { kind: 'lost', reason: 'noAnswer', at: after(30_000) });
    expect(fold(lost, list(40_000, row(early))).state).toMatchObject({ reason: 'older' });
  });
});
