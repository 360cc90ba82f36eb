import { describe, expect, it } from 'vitest';
import { after, begun, declined, fold, list, row, some } from './money-samples.js';

const other = { tranRef: 'TST2625600009999' };

describe('a transaction that did nothing, without knowledge of the others', () => {
  const pending = fold(begun(), {
    kind: 'answered',
    row: row({ type: 'payment request', status: 'P' }),
    at: after(1000),
  });

  it('does not end what can still be paid by another one', () => {
    expect(fold(pending, some(5000, declined(other))).state).toBe(pending.state);
  });

  it('does not end a page that it is not the transaction of', () => {
    const page = fold(begun({ pageLifeMs: 1_200_000 }), {
      kind: 'paged',
      tranRef: 'TST2625600001234',
      at: after(1000),
    });
    expect(fold(page, some(5000, declined(other))).state).toBe(page.state);
    expect(fold(page, some(5000, declined())).state).toMatchObject({ seen: { status: 'D' } });
  });

  it('does not end a request of which more may be in the gaps of the list', () => {
    const lost = fold(begun(), { kind: 'lost', reason: 'noAnswer', at: after(30_000) });
    expect(fold(lost, some(40_000, declined())).state).toBe(lost.state);
    expect(fold(lost, list(40_000, declined())).state.name).toBe('done');
  });

  it('ends what it acts on, and what it is', () => {
    const expired = { ...other, status: 'X', responseCode: '355' };
    const settling = row({ ...expired, previousTranRef: 'TST2625600001234' });
    expect(fold(pending, some(5000, settling)).state).toMatchObject({ seen: { status: 'X' } });
    expect(fold(pending, some(5000, declined())).state).toMatchObject({ seen: { status: 'D' } });
  });
});
