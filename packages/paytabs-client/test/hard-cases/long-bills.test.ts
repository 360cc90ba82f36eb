import { describe, expect, it } from 'vitest';
import { hasEnded } from '../../src/intents/intent.js';
import { after, begun, dayMs, fold, list, rules, some } from './money-samples.js';

describe('an invoice that can be paid for longer than anything may be pending', () => {
  const lifeMs = 45 * dayMs;
  const open = () =>
    fold(begun({ operation: 'createInvoice', pageLifeMs: lifeMs }), {
      kind: 'paged',
      tranRef: 'invoice-1',
      at: after(0),
    });
  /** Asked in vain up to the last days in which it can be paid. */
  const old = () => {
    let intent = open();
    while ((intent.dueAt as Date) < after(40 * dayMs)) {
      intent = fold(intent, { ...list(0), at: intent.dueAt as Date });
    }
    return intent;
  };

  it('stays open when the gateway once does not answer', () => {
    const intent = old();
    expect(fold(intent, { kind: 'unanswered', at: intent.dueAt as Date }).state.name).toBe(
      'pageOpen',
    );
  });

  it('stays open when a list shows nothing of it and has gaps', () => {
    const intent = old();
    expect(fold(intent, { ...some(0), at: intent.dueAt as Date }).state.name).toBe('pageOpen');
  });

  it('goes to a person when nobody answers long after it has died', () => {
    let intent = open();
    let asked = 0;
    while (!hasEnded(intent)) {
      asked += 1;
      intent = fold(intent, { kind: 'unanswered', at: intent.dueAt as Date });
    }
    expect(intent.state).toMatchObject({ name: 'disputed', reason: 'neverDecided' });
    expect(intent.since.getTime()).toBeGreaterThanOrEqual(
      after(lifeMs + rules.pendingForMs).getTime(),
    );
    // Once an hour in the end, and not every two seconds because it is dead.
    expect(asked).toBeLessThan(24 * 81);
  });
});
