import { describe, expect, it } from 'vitest';
import { after, begun, dayMs, fold, list, row, some } from './money-samples.js';

describe('a payment that was handed to a person because nobody could say how it ends', () => {
  const pending = fold(begun(), list(1000, row({ status: 'P', type: 'payment request' })));
  const person = fold(pending, list(36 * dayMs, row({ status: 'P', type: 'payment request' })));

  it('is paid when its money shows up after all, and told anew', () => {
    expect(person.state).toMatchObject({ name: 'disputed', reason: 'neverDecided' });
    const told = fold(person, { kind: 'acknowledged', state: person.state, at: after(37 * dayMs) });
    const paid = fold(told, list(40 * dayMs, row()));
    expect(paid).toMatchObject({ state: { name: 'done', seen: { status: 'A' } } });
    expect(paid).toMatchObject({ acknowledged: false, revision: told.revision + 1 });
  });

  it('stays with him when it turns out not to be paid', () => {
    expect(fold(person, list(40 * dayMs, row({ status: 'D' })))).toBe(person);
  });
});

describe('what acts on the transaction that is known', () => {
  it('is no second payment', () => {
    const held = fold(begun(), {
      kind: 'answered',
      row: row({ type: 'auth', originalType: 'sale' }),
      at: after(1000),
    });
    const { tranRef: previousTranRef } = row();
    const captured = row({ tranRef: 'TST2625600009999', previousTranRef, type: 'capture' });
    expect(fold(held, { kind: 'answered', row: captured, at: after(5000) })).toBe(held);
    expect(fold(held, some(5000, captured)).state.name).toBe('done');
  });
});
