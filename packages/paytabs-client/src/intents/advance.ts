import { dueAtOf } from './due-at.js';
import type { Fact } from './fact.js';
import {
  type DisputeReason,
  hasEnded,
  type Intent,
  type IntentState,
  type SeenTransaction,
  type UnknownReason,
} from './intent.js';
import { judgeRows, type Row, seenOf, standingOf } from './judge-rows.js';
import type { ReconcileRules } from './reconcile-rules.js';

/** Ends that say: no money moved. Evidence of money overrules them, nothing else does. */
const withoutMoney: ReadonlySet<IntentState['name']> = new Set([
  'refused',
  'notSent',
  'notFound',
  'lapsed',
]);

const endedWithoutMoney = ({ state }: Intent): boolean =>
  withoutMoney.has(state.name) || (state.name === 'done' && standingOf(state.seen) === 'none');

/** Whether an end that was told as "no money moved" turned out to be wrong. */
export const isCorrection = (before: Intent, after: Intent): boolean =>
  endedWithoutMoney(before) && after.state !== before.state && !endedWithoutMoney(after);

/**
 * The one place where the rules are: what becomes of an intent when something is seen. Pure; gives the same object when
 * the fact changes nothing.
 */
export function advance(intent: Intent, fact: Fact, rules: ReconcileRules): Intent {
  const next = { ...intent, ...changeOf(intent, fact, rules) };
  const changed = next.state !== intent.state;
  if (!changed && next.checks === intent.checks && next.acknowledged === intent.acknowledged) {
    return intent;
  }
  const moved: Intent = {
    ...next,
    revision: intent.revision + 1,
    since: changed ? fact.at : intent.since,
    // A new end is news, also for who heard another one.
    acknowledged: changed ? false : next.acknowledged,
  };
  return withDue(moved, fact.at, rules);
}

type Change = Partial<Pick<Intent, 'state' | 'checks' | 'acknowledged'>>;

function changeOf(intent: Intent, fact: Fact, rules: ReconcileRules): Change {
  const { state } = intent;
  switch (fact.kind) {
    case 'acknowledged':
      return hasEnded(intent) && isSameState(state, fact.state) ? { acknowledged: true } : {};
    case 'untold':
      // A copy, so that it counts as moved on and is due at another time.
      return isToBeTold(intent, fact.at) ? { checks: { ...intent.checks } } : {};
    case 'notSent':
      return isUndecided(state) ? { state: { name: 'notSent' } } : {};
    case 'refused': {
      const { code, gatewayCode } = fact;
      const more = gatewayCode === undefined ? {} : { gatewayCode };
      return isUndecided(state) ? { state: { name: 'refused', code, ...more } } : {};
    }
    case 'lost': {
      // Its sender is not gone after all.
      const isNews = state.name === 'begun' || isGone(state);
      return isNews ? { state: unknown(fact.reason, fact.tranRef) } : {};
    }
    case 'paged':
      // Too late where it was given up already: a page that nobody is sent to takes no money.
      return isUndecided(state) ? { state: openPage(intent, fact) } : {};
    case 'answered':
      return found(intent, fact.row);
    case 'checked':
      return checked(intent, fact, rules);
    case 'unanswered':
      return counts(intent, fact.at) ? stillOpen(intent, fact.at, rules.pendingForMs) : {};
  }
}

const isToBeTold = (intent: Intent, at: Date): boolean =>
  hasEnded(intent) && intent.dueAt !== undefined && at >= intent.dueAt;

/** A transaction that was declined may be paid after all: the same one, and another end. */
const isSameState = (left: IntentState, right: IntentState): boolean =>
  left.name === right.name &&
  tranRefOf(left) === tranRefOf(right) &&
  statusOf(left) === statusOf(right);

const statusOf = (state: IntentState): string | undefined =>
  'seen' in state ? state.seen.status : undefined;

const isUndecided = ({ name }: IntentState): boolean => name === 'begun' || name === 'unknown';

const unknown = (reason: UnknownReason, tranRef?: string): IntentState => ({
  name: 'unknown',
  reason,
  ...(tranRef === undefined ? {} : { tranRef }),
});

const openPage = (
  { pageLifeMs = 0 }: Intent,
  { tranRef, at }: { readonly tranRef: string; readonly at: Date },
): IntentState => ({
  name: 'pageOpen',
  tranRef,
  expiresAt: new Date(at.getTime() + pageLifeMs),
});

const disputed = (reason: DisputeReason, tranRefs: readonly string[]): IntentState => ({
  name: 'disputed',
  reason,
  tranRefs,
});

/** What a transaction that is the intent's own makes of it. */
function found(intent: Intent, row: Row): Change {
  const { state } = intent;
  const standing = standingOf(row);
  if (state.name === 'disputed') return lateMoney(state, row);
  if (state.name === 'done' && standing === 'money' && isAnother(state.seen, row)) {
    return { state: disputed('twice', [state.seen.tranRef, row.tranRef]) };
  }
  // Somebody had asked earlier and says it later: what was decided is not undecided again.
  const isDecided = state.name === 'done' && state.seen.tranRef === row.tranRef;
  if (isDecided && standing !== 'money') return {};
  // The end that is known stays, but for news of money.
  if (hasEnded(intent) && !(endedWithoutMoney(intent) && standing !== 'none')) return {};
  switch (standing) {
    case 'money':
    case 'none':
      return { state: { name: 'done', seen: seenOf(row) } };
    case 'open': {
      const isSame = state.name === 'pending' && state.seen.tranRef === row.tranRef;
      return isSame ? {} : { state: { name: 'pending', seen: seenOf(row) } };
    }
    case 'doubt': {
      const isSame = state.name === 'unknown' && state.tranRef === row.tranRef;
      return isSame ? {} : { state: unknown('bankSilent', row.tranRef) };
    }
  }
}

/** What was handed to a person because nobody could say how it ends has ended after all. */
const lateMoney = (state: Extract<IntentState, { name: 'disputed' }>, row: Row): Change =>
  state.reason === 'neverDecided' && standingOf(row) === 'money'
    ? { state: { name: 'done', seen: seenOf(row) } }
    : {};

/** A second transaction that took money, beside one that did; not one that acts on it. */
const isAnother = (seen: SeenTransaction, row: Row): boolean =>
  standingOf(seen) === 'money' &&
  seen.tranRef !== row.tranRef &&
  seen.tranRef !== row.previousTranRef;

function checked(
  intent: Intent,
  fact: Extract<Fact, { kind: 'checked' }>,
  rules: ReconcileRules,
): Change {
  const finding = judgeRows(fact.rows, intent, { ...rules, ownTranRef: ownTranRefOf(intent) });
  switch (finding.kind) {
    case 'conflict': {
      if (intent.state.name === 'disputed') return {};
      return { state: disputed(finding.reason, finding.tranRefs) };
    }
    case 'found': {
      const isEnd = fact.complete || finding.standing !== 'none' || isOwn(intent, finding.row);
      const change = isEnd ? found(intent, finding.row) : {};
      if (change.state !== undefined || !counts(intent, fact.at)) return change;
      const isLong = !isEnd || intent.state.name === 'pending';
      const patienceMs = isLong ? rules.pendingForMs : rules.notFoundAfterMs;
      return stillOpen(intent, fact.at, patienceMs);
    }
    case 'nothing': {
      if (!counts(intent, fact.at)) return {};
      // It was seen before: that it is not in a list now is no end. Nor is a list with gaps.
      const isTold = fact.complete && intent.state.name !== 'pending';
      if (!isTold) return stillOpen(intent, fact.at, rules.pendingForMs);
      return foundNothing(intent, fact.at, rules);
    }
  }
}

/** The transaction that the intent is known by, or one that acts on it. */
const isOwn = ({ state }: Intent, { tranRef, previousTranRef }: Row): boolean => {
  const known = tranRefOf(state);
  return known !== undefined && (known === tranRef || known === previousTranRef);
};

/** What the gateway named as this request's; an answer that was not clear may have named another's. */
const ownTranRefOf = ({ state }: Intent): string | undefined =>
  state.name === 'unknown' ? undefined : tranRefOf(state);

/** An answer that shows no change counts when it was due: asked twice at once is one answer, not two. */
const counts = (intent: Intent, at: Date): boolean =>
  !hasEnded(intent) && intent.dueAt !== undefined && at >= intent.dueAt;

/** No end yet. Beyond all patience a person must look. */
function stillOpen(intent: Intent, at: Date, patienceMs: number): Change {
  const { state, since } = intent;
  const checks = { count: intent.checks.count + 1, nothing: 0 };
  // It is due to others only when its sender should long have said something.
  if (state.name === 'begun') return { checks, state: unknown('senderGone') };
  // What can be paid for weeks is no riddle until it no longer can.
  const from = state.name === 'pageOpen' && state.expiresAt > since ? state.expiresAt : since;
  if (at.getTime() - from.getTime() < patienceMs) return { checks };
  const tranRef = tranRefOf(state);
  return { checks, state: disputed('neverDecided', tranRef === undefined ? [] : [tranRef]) };
}

const tranRefOf = (state: IntentState): string | undefined => {
  if ('seen' in state) return state.seen.tranRef;
  return 'tranRef' in state ? state.tranRef : undefined;
};

/** The moment from which absence says something: nothing can leave any more, or be paid any more. */
function absenceCountsFrom(
  { state, sendBefore, pageLifeMs = 0 }: Intent,
  { maxClockSkewMs, pageGraceMs }: ReconcileRules,
): number {
  if (state.name === 'pageOpen') return state.expiresAt.getTime();
  const sent = sendBefore.getTime() + maxClockSkewMs;
  // Its sender may have got a page and shown it before he was gone.
  const mayHaveShown = pageLifeMs > 0 && isAbandoned(state);
  return mayHaveShown ? sent + pageLifeMs + pageGraceMs : sent;
}

/** Its sender cannot say what he got, or somebody else has used the reference. */
const isAbandoned = (state: IntentState): boolean =>
  state.name === 'begun' ||
  isGone(state) ||
  (state.name === 'unknown' && state.reason === 'duplicate');

const isGone = (state: IntentState): boolean =>
  state.name === 'unknown' && state.reason === 'senderGone';

function foundNothing(intent: Intent, at: Date, rules: ReconcileRules): Change {
  const { state } = intent;
  const sinceMs = at.getTime() - absenceCountsFrom(intent, rules);
  const nothing = sinceMs < 0 ? 0 : intent.checks.nothing + 1;
  const checks = { count: intent.checks.count + 1, nothing };
  const waitMs = state.name === 'pageOpen' ? rules.pageGraceMs : rules.notFoundAfterMs;
  if (sinceMs < waitMs || nothing < rules.minimumChecks) {
    return state.name === 'begun' ? { checks, state: unknown('senderGone') } : { checks };
  }
  if (state.name === 'pageOpen')
    return { checks, state: { name: 'lapsed', tranRef: state.tranRef } };
  const tranRef = tranRefOf(state);
  const end: IntentState =
    tranRef === undefined ? { name: 'notFound' } : disputed('neverDecided', [tranRef]);
  return { checks, state: end };
}

function withDue(intent: Intent, at: Date, rules: ReconcileRules): Intent {
  const { dueAt: _, ...rest } = intent;
  const dueAt = dueAtOf(rest, at, rules);
  return Object.freeze(dueAt === undefined ? rest : { ...rest, dueAt });
}
