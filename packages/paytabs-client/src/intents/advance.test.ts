import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { money } from '../money/money.js';
import { RECONCILE_DEFAULTS } from '../options.js';
import { advance, isCorrection } from './advance.js';
import { beginIntent, maySend } from './begin-intent.js';
import type { Fact } from './fact.js';
import { hasEnded, type Intent, type IntentSubject } from './intent.js';
import type { Row } from './judge-rows.js';

const rules = RECONCILE_DEFAULTS;
const start = Date.UTC(2026, 8, 13, 8);
const after = (ms: number) => new Date(start + ms);
const second = 1_000;
const minute = 60_000;

const subject = (more: Partial<IntentSubject> = {}): IntentSubject => ({
  profileId: 98765,
  cartId: 'charge-1',
  operation: 'chargeToken',
  type: 'sale',
  amount: money(14950n, 'AED'),
  begunAt: after(0),
  sendBefore: after(30 * second),
  ...more,
});

const row = (more: Partial<Row> = {}): Row => ({
  tranRef: 'TST2625600001234',
  type: 'sale',
  cartId: 'charge-1',
  cartAmount: money(14950n, 'AED'),
  total: money(14950n, 'AED'),
  status: 'A',
  responseCode: 'G48213',
  time: after(second),
  ...more,
});

const begun = (more?: Partial<IntentSubject>) => beginIntent(subject(more), rules);
const fold = (intent: Intent, ...facts: readonly Fact[]) =>
  facts.reduce((current, fact) => advance(current, fact, rules), intent);

const lost: Fact = { kind: 'lost', reason: 'noAnswer', at: after(30 * second) };
const nothing = (at: Date): Fact => ({ kind: 'checked', rows: [], complete: true, at });
const found = (at: Date, ...rows: Row[]): Fact => ({ kind: 'checked', rows, complete: true, at });

/** Asks whenever it is due and finds nothing, until `until`. */
function askInVain(intent: Intent, until: Date): Intent {
  let current = intent;
  while (!hasEnded(current) && current.dueAt !== undefined && current.dueAt <= until) {
    current = advance(current, nothing(current.dueAt), rules);
  }
  return current;
}

describe('an intent that was begun', () => {
  it('is its sender’s until nothing can leave any more', () => {
    const intent = begun();
    expect(intent).toMatchObject({ revision: 0, state: { name: 'begun' } });
    expect(intent.dueAt).toEqual(after(30 * second + rules.maxClockSkewMs));
    expect(maySend(intent, after(30 * second - 1))).toBe(true);
    expect(maySend(intent, after(30 * second))).toBe(false);
    expect(fold(intent, nothing(after(29 * second)))).toBe(intent);
  });

  it.each([
    ['proof that it never left', { kind: 'notSent', at: after(second) }, { name: 'notSent' }],
    [
      'a refusal',
      { kind: 'refused', code: 'INVALID_REQUEST', gatewayCode: 206, at: after(second) },
      { name: 'refused', code: 'INVALID_REQUEST', gatewayCode: 206 },
    ],
    ['no answer', lost, { name: 'unknown', reason: 'noAnswer' }],
    [
      'a decline',
      { kind: 'answered', row: row({ status: 'D', responseCode: '316' }), at: after(second) },
      { name: 'done', seen: { status: 'D', responseCode: '316' } },
    ],
    [
      'a pending transaction',
      { kind: 'answered', row: row({ status: 'P' }), at: after(second) },
      { name: 'pending', seen: { status: 'P' } },
    ],
    [
      'a bank that did not answer',
      {
        kind: 'answered',
        row: row({ status: 'E', responseCode: '401' }),
        at: after(second),
      },
      { name: 'unknown', reason: 'bankSilent', tranRef: 'TST2625600001234' },
    ],
  ] as const)('moves on with %s', (_, fact, state) => {
    const intent = fold(begun(), fact);
    expect(intent.state).toMatchObject(state);
    expect(intent.revision).toBe(1);
    expect(intent.since).toEqual(fact.at);
  });

  it('whose sender is gone is asked for by others, and ends as not found after all waits', () => {
    const intent = fold(begun(), nothing(after(90 * second)));
    expect(intent.state).toEqual({ name: 'unknown', reason: 'senderGone' });
    const ended = askInVain(intent, after(60 * minute));
    expect(ended.state).toEqual({ name: 'notFound' });
    const earliest = 30 * second + rules.maxClockSkewMs + rules.notFoundAfterMs;
    expect(ended.since.getTime()).toBeGreaterThanOrEqual(after(earliest).getTime());
    expect(ended.since.getTime()).toBeLessThan(after(earliest + 2 * rules.maxCheckMs).getTime());
  });

  it('whose sender may have shown a page waits until nobody can have paid on it', () => {
    const pageLifeMs = 20 * minute;
    const intent = begun({ operation: 'createHostedPage', pageLifeMs });
    const waited = 30 * second + rules.maxClockSkewMs + pageLifeMs + rules.pageGraceMs;
    const ended = askInVain(intent, after(2 * waited));
    expect(ended.state).toEqual({ name: 'notFound' });
    expect(ended.since.getTime()).toBeGreaterThanOrEqual(after(waited).getTime());
  });
});

describe('an intent whose end is unknown', () => {
  it('is asked for soon, then ever more seldom', () => {
    let intent = fold(begun(), lost);
    const waits: number[] = [];
    while (!hasEnded(intent)) {
      const dueAt = intent.dueAt as Date;
      waits.push(dueAt.getTime() - (intent.checks.count === 0 ? start + 30_000 : previous(waits)));
      intent = advance(intent, nothing(dueAt), rules);
    }
    expect(waits.slice(0, 8)).toEqual([2, 4, 8, 16, 32, 64, 120, 120].map((s) => s * second));
    expect(intent.checks.count).toBe(waits.length);

    function previous(all: readonly number[]): number {
      return start + 30_000 + all.reduce((sum, wait) => sum + wait, 0);
    }
  });

  it('ends as what is found', () => {
    const intent = fold(begun(), lost, found(after(40 * second), row()));
    expect(intent.state).toEqual({
      name: 'done',
      seen: {
        tranRef: 'TST2625600001234',
        type: 'sale',
        status: 'A',
        responseCode: 'G48213',
        total: money(14950n, 'AED'),
      },
    });
  });

  it('counts an answer once, however many heard it, and none that came before it was due', () => {
    const intent = fold(begun(), lost);
    const once = fold(intent, nothing(after(32 * second)));
    expect(once.checks.count).toBe(1);
    expect(fold(once, nothing(after(32 * second)))).toBe(once);
    expect(fold(intent, nothing(after(31 * second)))).toBe(intent);
  });

  it('learns nothing of absence from a list that could not be read in full', () => {
    const intent = fold(begun(), lost);
    let current = intent;
    for (let asked = 0; asked < 30; asked += 1) {
      const at = current.dueAt as Date;
      current = fold(current, { kind: 'checked', rows: [], complete: false, at });
    }
    expect(current).toMatchObject({
      state: { name: 'unknown' },
      checks: { nothing: 0, count: 30 },
    });
  });

  it.each([
    ['the gateway never answers', { kind: 'unanswered' }],
    ['no answer can be read in full', { kind: 'checked', rows: [], complete: false }],
  ] as const)(
    'goes to a person in the end when %s, and is asked for ever more seldom until then',
    (_, seen) => {
      let intent = fold(begun(), lost);
      while (!hasEnded(intent)) {
        const at = intent.dueAt as Date;
        intent = fold(intent, { ...seen, at });
        expect(hasEnded(intent) || (intent.dueAt as Date) > at).toBe(true);
      }
      expect(intent.state).toMatchObject({ name: 'disputed', reason: 'neverDecided' });
      expect(intent.since.getTime()).toBeGreaterThanOrEqual(after(rules.pendingForMs).getTime());
    },
  );

  it('whose sender was taken for gone is what its sender says of it', () => {
    const gone = fold(begun(), nothing(after(90 * second)));
    const said = fold(gone, { ...lost, reason: 'unclearAnswer', tranRef: 'TST1' });
    expect(said.state).toEqual({ name: 'unknown', reason: 'unclearAnswer', tranRef: 'TST1' });
    expect(fold(said, lost)).toBe(said);
  });

  it('needs several answers after the wait, not one', () => {
    const intent = fold(begun(), lost, nothing(after(10 * 60 * minute)));
    expect(intent).toMatchObject({ state: { name: 'unknown' }, checks: { nothing: 1 } });
    const ended = askInVain(intent, after(11 * 60 * minute));
    expect(ended).toMatchObject({ state: { name: 'notFound' }, checks: { nothing: 3 } });
  });

  it('with a transaction that the bank did not decide goes to a person in the end', () => {
    const silent = row({ status: 'E', responseCode: '401' });
    let intent = fold(begun(), lost, found(after(40 * second), silent));
    expect(intent.state).toMatchObject({ name: 'unknown', reason: 'bankSilent' });
    while (!hasEnded(intent)) intent = advance(intent, found(intent.dueAt as Date, silent), rules);
    expect(intent.state).toEqual({
      name: 'disputed',
      reason: 'neverDecided',
      tranRefs: ['TST2625600001234'],
    });
    expect(intent.since.getTime()).toBeGreaterThanOrEqual(after(15 * minute).getTime());
  });

  it('and was decided by the bank after all ends so', () => {
    const silent = row({ status: 'E', responseCode: '401' });
    const intent = fold(begun(), lost, found(after(40 * second), silent));
    expect(fold(intent, found(after(50 * second), row())).state).toMatchObject({
      name: 'done',
      seen: { status: 'A' },
    });
  });

  it('does not end as not found where its answer named a transaction', () => {
    const intent = fold(begun(), { ...lost, reason: 'unclearAnswer', tranRef: 'TST1' });
    expect(askInVain(intent, after(60 * minute)).state).toEqual({
      name: 'disputed',
      reason: 'neverDecided',
      tranRefs: ['TST1'],
    });
  });
});

describe('a page', () => {
  const pageLifeMs = 20 * minute;
  const page = () =>
    fold(begun({ operation: 'createHostedPage', pageLifeMs }), {
      kind: 'paged',
      tranRef: 'TST9',
      at: after(second),
    });

  it('is asked for now and then, at its end, and lapses when nobody can have paid any more', () => {
    const intent = page();
    expect(intent.state).toEqual({
      name: 'pageOpen',
      tranRef: 'TST9',
      expiresAt: after(second + pageLifeMs),
    });
    expect(intent.dueAt).toEqual(after(second + rules.pageCheckMs));
    const ended = askInVain(intent, after(24 * 60 * minute));
    expect(ended.state).toEqual({ name: 'lapsed', tranRef: 'TST9' });
    expect(ended.since.getTime()).toBeGreaterThanOrEqual(
      after(second + pageLifeMs + rules.pageGraceMs).getTime(),
    );
  });

  it('that is open for weeks is asked for ever more seldom, though never less than what is pending', () => {
    const long = 30 * 24 * 60 * minute;
    let intent = fold(begun({ operation: 'createInvoice', pageLifeMs: long }), {
      kind: 'paged',
      tranRef: 'invoice-1',
      at: after(0),
    });
    const waits: number[] = [];
    while (waits.length < 30) {
      const dueAt = intent.dueAt as Date;
      intent = advance(intent, nothing(dueAt), rules);
      waits.push((intent.dueAt as Date).getTime() - dueAt.getTime());
    }
    expect(waits[0]).toBe(rules.pageCheckMs);
    expect(waits.at(-1)).toBe(rules.pendingCheckMs);
    expect(waits).toEqual([...waits].sort((left, right) => left - right));
  });

  it('that comes after its reference was given up stays given up', () => {
    const intent = askInVain(
      fold(begun({ operation: 'createHostedPage', pageLifeMs }), lost),
      after(60 * minute),
    );
    expect(intent.state).toEqual({ name: 'notFound' });
    const late: Fact = { kind: 'paged', tranRef: 'TST9', at: after(61 * minute) };
    expect(fold(intent, late)).toBe(intent);
  });

  it('waits for a method that is paid elsewhere', () => {
    const pending = fold(
      page(),
      found(after(minute), row({ type: 'payment request', status: 'P', tranRef: 'TST9' })),
    );
    expect(pending.state).toMatchObject({ name: 'pending', seen: { tranRef: 'TST9' } });
    const request = row({ type: 'payment request', status: 'P', tranRef: 'TST9' });
    const paid = found(after(5 * 60 * minute), row({ tranRef: 'TST10' }), request);
    expect(fold(pending, paid).state).toMatchObject({ name: 'done', seen: { tranRef: 'TST10' } });
  });

  it('held by risk screening is done when somebody has released it', () => {
    const held = row({ type: 'auth', status: 'H' });
    const release = row({ tranRef: 'TST11', type: 'capture', cartAmount: money(9950n, 'AED') });
    const intent = fold(
      page(),
      found(after(minute), held),
      found(after(60 * minute), release, held),
    );
    expect(intent.state).toMatchObject({ name: 'done', seen: { type: 'capture' } });
  });

  it('carried out as a hold that was captured took its money once', () => {
    const hold = row({ type: 'auth' });
    const taken = row({ tranRef: 'TST12', type: 'capture' });
    const intent = fold(page(), found(after(minute), taken, hold));
    expect(intent.state).toMatchObject({ name: 'done', seen: { tranRef: 'TST12' } });
    expect(fold(page(), found(after(minute), hold)).state).toMatchObject({ name: 'done' });
  });

  it('that stays pending beyond all patience goes to a person', () => {
    const request = row({ type: 'payment request', status: 'P' });
    let intent = fold(page(), found(after(minute), request));
    while (!hasEnded(intent)) intent = advance(intent, found(intent.dueAt as Date, request), rules);
    expect(intent.state).toMatchObject({ name: 'disputed', reason: 'neverDecided' });
    expect(intent.since.getTime()).toBeGreaterThanOrEqual(after(rules.pendingForMs).getTime());
  });
});

describe('what is found under the reference and is not what was asked for', () => {
  const refund = { operation: 'refund', type: 'refund', targetTranRef: 'TST1' } as const;

  it.each([
    ['otherAmount', {}, [row({ cartAmount: money(14951n, 'AED') })]],
    ['otherAmount', {}, [row({ cartAmount: money(14950n, 'SAR') })]],
    ['older', {}, [row({ time: after(-rules.maxClockSkewMs - 1) })]],
    ['twice', {}, [row(), row({ tranRef: 'TST2' })]],
    ['otherParent', refund, [row({ type: 'refund', previousTranRef: 'TST7' })]],
  ] as const)('is a dispute: %s', (reason, more: Partial<IntentSubject>, rows) => {
    const intent = fold(begun(more), lost, found(after(40 * second), ...rows));
    expect(intent.state).toEqual({
      name: 'disputed',
      reason,
      tranRefs: rows.map(({ tranRef }) => tranRef),
    });
  });

  it.each([
    ['of another type', row({ type: 'refund' })],
    ['of another cart', row({ cartId: 'charge-2' })],
    ['that did nothing', row({ cartAmount: money(1n, 'AED'), status: 'D' })],
  ])('says nothing when it is %s', (_, other) => {
    const intent = fold(begun(), lost, found(after(40 * second), other));
    expect(intent.state).toMatchObject({ name: 'unknown' });
  });

  it('is a dispute also when the second one shows up later', () => {
    const done = fold(begun(), lost, found(after(40 * second), row()));
    const twice = fold(done, found(after(50 * second), row({ tranRef: 'TST2' })));
    expect(twice.state).toMatchObject({ name: 'disputed', reason: 'twice' });
  });
});

describe('an end', () => {
  const notFound = () => askInVain(fold(begun(), lost), after(60 * minute));

  it('without money is overruled by money, and says so', () => {
    const before = notFound();
    const after_ = fold(before, found(after(90 * minute), row()));
    expect(after_.state).toMatchObject({ name: 'done', seen: { status: 'A' } });
    expect(isCorrection(before, after_)).toBe(true);
  });

  it('stays where somebody who asked before it comes with his answer after it', () => {
    const silent = row({ status: 'E', responseCode: '401' });
    const declined = fold(
      begun(),
      lost,
      found(after(40 * second), silent),
      found(after(50 * second), row({ status: 'D', responseCode: '316' })),
    );
    expect(declined.state).toMatchObject({ name: 'done', seen: { status: 'D' } });
    expect(fold(declined, found(after(45 * second), silent))).toBe(declined);
    // That the bank has decided otherwise after all is news.
    expect(fold(declined, found(after(60 * second), row())).state).toMatchObject({
      seen: { status: 'A' },
    });
  });

  it('without money stays where another one without money is seen', () => {
    const before = notFound();
    expect(fold(before, found(after(90 * minute), row({ status: 'D' })))).toBe(before);
  });

  it('with money stays, whatever is missing later', () => {
    const done = fold(begun(), lost, found(after(40 * second), row()));
    expect(fold(done, nothing(after(90 * minute)))).toBe(done);
    expect(fold(done, { kind: 'notSent', at: after(90 * minute) })).toBe(done);
    expect(fold(done, { ...lost, at: after(90 * minute) })).toBe(done);
  });

  it('is told until it is heard, and again when it changes', () => {
    const ended = notFound();
    expect(ended).toMatchObject({ acknowledged: false });
    expect(ended.dueAt).toEqual(new Date(ended.since.getTime() + rules.tellAfterMs));
    const heard = fold(ended, { kind: 'acknowledged', state: ended.state, at: after(61 * minute) });
    expect(heard.acknowledged).toBe(true);
    expect(heard.dueAt).toBeUndefined();
    const corrected = fold(heard, found(after(90 * minute), row()));
    expect(corrected).toMatchObject({ acknowledged: false });
    expect(corrected.dueAt).toBeDefined();
    // The news came while the old end was being written down.
    const crossed = fold(corrected, {
      kind: 'acknowledged',
      state: ended.state,
      at: after(91 * minute),
    });
    expect(crossed).toBe(corrected);
  });

  it('cannot be acknowledged before there is one', () => {
    const intent = fold(begun(), lost);
    expect(fold(intent, { kind: 'acknowledged', state: intent.state, at: after(minute) })).toBe(
      intent,
    );
  });
});

describe('whatever is seen, in whatever order', () => {
  const status = fc.constantFrom('A', 'D', 'H', 'P', 'E', 'C', 'X', 'V', 'Z');
  const rows = fc.array(
    fc.record({
      tranRef: fc.constantFrom('TST1', 'TST2'),
      type: fc.constantFrom('sale', 'auth', 'refund', 'capture', 'payment request'),
      status,
      responseCode: fc.constantFrom('G1', '401', '118'),
      minor: fc.constantFrom(14950n, 14951n),
    }),
    { maxLength: 3 },
  );
  const fact = fc.tuple(fc.integer({ min: 0, max: 400 }), fc.nat(9)).chain(([at, kind]) => {
    const stamped = { at: after(at * minute) };
    if (kind === 0) return fc.constant<Fact>({ kind: 'notSent', ...stamped });
    if (kind === 1) {
      return fc.constant<Fact>({ kind: 'refused', code: 'INVALID_REQUEST', ...stamped });
    }
    if (kind === 2) return fc.constant<Fact>({ kind: 'lost', reason: 'noAnswer', ...stamped });
    if (kind === 3) return fc.constant<Fact>({ kind: 'paged', tranRef: 'TST1', ...stamped });
    if (kind === 4) return fc.constant<Fact>({ kind: 'unanswered', ...stamped });
    return fc.record({ rows, complete: fc.boolean() }).map<Fact>((seen) => ({
      kind: 'checked',
      complete: seen.complete,
      rows: seen.rows.map(({ minor, ...each }) =>
        row({ ...each, cartAmount: money(minor, 'AED') }),
      ),
      ...stamped,
    }));
  });

  it('money that was seen is never forgotten, and revisions count the changes', () => {
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 12 }), (facts) => {
        let intent = begun({ operation: 'createHostedPage', pageLifeMs: 20 * minute });
        let hadMoney = false;
        for (const each of facts) {
          const next = advance(intent, each, rules);
          expect(next.revision).toBe(intent.revision + (next === intent ? 0 : 1));
          hadMoney ||= next.state.name === 'done' && next.state.seen.status === 'A';
          const isKept =
            next.state.name === 'disputed' ||
            (next.state.name === 'done' && next.state.seen.status === 'A');
          expect(isKept || !hadMoney).toBe(true);
          expect(hasEnded(next) || next.dueAt !== undefined).toBe(true);
          intent = next;
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('a fact that was folded changes nothing when it is folded again', () => {
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 8 }), (facts) => {
        const intent = fold(begun(), ...facts);
        const last = facts.at(-1);
        if (last === undefined) return;
        expect(advance(intent, last, rules)).toBe(intent);
      }),
      { numRuns: 2_000 },
    );
  });
});
