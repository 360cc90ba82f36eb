import { describe, expect, it } from 'vitest';
import { after, begun, declined, fold, list, row } from './money-samples.js';

describe('an end that was heard', () => {
  const refused = fold(begun(), { kind: 'answered', row: declined(), at: after(1000) });
  const paid = fold(refused, list(5000, row()));

  it('does not stand for a newer end of the same transaction', () => {
    expect(paid).toMatchObject({ state: { seen: { status: 'A' } }, acknowledged: false });
    const late = fold(paid, { kind: 'acknowledged', state: refused.state, at: after(6000) });
    expect(late).toBe(paid);
    expect(late.dueAt).toBeDefined();
  });

  it('is not told again', () => {
    const heard = fold(paid, { kind: 'acknowledged', state: paid.state, at: after(6000) });
    expect(heard).toMatchObject({ acknowledged: true });
    expect(heard.dueAt).toBeUndefined();
  });
});
