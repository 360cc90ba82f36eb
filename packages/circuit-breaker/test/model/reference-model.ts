import type { Breaker, Call, Change, Phase, Reason, Refused, Verdict } from './model-types.js';

/** Calls belong to the generation they began in. A change begins another, unless it keeps them. */
export const become = (b: Breaker, phase: Phase, reason?: Reason, change: Change = {}) => {
  const { keeps = false, from = b.state } = change;
  b.phase = phase;
  if (b.state !== from || b.kind === 'open' || b.kind === 'rampUp') b.tell(b.state, from, reason);
  if (b.state === 'closed') b.waits = [];
  if (keeps) return;
  if (b.state === 'closed' || b.kind === 'rampUp') b.finished = [];
  b.generation += 1;
  Object.assign(b, { trials: [], failuresInARow: 0, quietUntil: 0 });
};

const open = (b: Breaker, reason: Reason, openForMs?: number, at = b.now) => {
  const waitMs = openForMs ?? b.options.openWait(b.waits.length + 1, b.waits.at(-1));
  b.openUntil = at + waitMs;
  b.waits.push(waitMs);
  become(b, 'open', reason);
};

/** Opens it, unless it is held, disabled or shut down; in shadow it only says so. */
export const trip = (b: Breaker, reason: Reason, openForMs?: number) => {
  if (b.kind !== b.phase) return;
  if (b.options.mode !== 'shadow') return open(b, reason, openForMs);
  const waitMs = openForMs ?? b.options.openWait(1);
  if (b.now >= b.quietUntil) b.tell('wouldOpen', b.state, reason, waitMs);
  if (b.now >= b.quietUntil) b.quietUntil = b.now + waitMs;
  Object.assign(b, { finished: [], failuresInARow: 0 });
};

const obeyRules = (b: Breaker) => {
  const reason = b.options.rule(b);
  if (reason !== undefined) trip(b, reason);
};

/** What the trials decide, once they do. */
const judge = (b: Breaker) => {
  const { initialShare } = b.options;
  const verdict = b.options.verdict(b.trials);
  if (verdict === 'failed') open(b, 'trialFailed');
  if (verdict !== 'succeeded') return;
  become(b, initialShare === undefined ? 'closed' : 'rampUp', 'trialsSucceeded');
  Object.assign(b, { share: initialShare, since: b.now, credit: 1 - (initialShare ?? 0) });
};

/** Makes the changes that time has brought. Comes before all else. */
export const look = (b: Breaker) => {
  const deadline = b.since + b.options.maxTrialMs;
  if (b.kind === 'halfOpen' && b.mine.length > 0 && b.now >= deadline)
    open(b, 'trialsTimedOut', undefined, deadline);
  if (b.kind === 'open' && b.now >= b.openUntil) become(b, 'halfOpen');
  if (b.kind === 'rampUp' && b.options.share(b) >= 1)
    become(b, 'closed', 'rampedUp', { keeps: true });
};

/** Lets a call in, or says why not. */
export const enter = (b: Breaker): Call | Refused => {
  if (b.options.slowRunning(b) > 0) obeyRules(b);
  if (b.state === 'open') return b.kind === 'heldOpen' ? 'heldOpen' : 'open';
  if (b.kind === 'halfOpen' && !b.options.hasPlace(b)) return 'trialsBusy';
  if (b.kind === 'halfOpen' && b.mine.length === 0) b.since = b.now;
  if (b.kind === 'rampUp') b.credit += b.options.share(b);
  if (b.kind === 'rampUp' && b.credit < 1) return 'rampingUp';
  if (b.kind === 'rampUp') b.credit -= 1;
  b.running.push({ generation: b.generation, at: b.now, isTimed: b.options.isTimed });
  return b.running.at(-1) as Call;
};

/** Takes in how a call ended. */
export const end = (b: Breaker, call: Call, { outcome, weight, openForMs }: Verdict) => {
  b.running = b.running.filter((other) => other !== call);
  b.tell(call.generation === b.generation ? outcome : 'late');
  if (call.generation !== b.generation || b.kind === 'disabled') return;
  if (b.kind === 'halfOpen') b.trials.push(b.options.trial(b, call, outcome));
  else if (outcome !== 'ignored') {
    b.finished.push(b.options.counted(b, call, outcome, weight));
    b.failuresInARow = outcome === 'failure' ? b.failuresInARow + 1 : 0;
    if (outcome === 'failure') Object.assign(b, { share: b.options.halved(b), since: b.now });
  }
  if (openForMs !== undefined) trip(b, 'retryAfter', openForMs);
  else if (b.kind === 'halfOpen') judge(b);
  else if (outcome !== 'ignored') obeyRules(b);
};

/** A hold, a release, a reset, other options, the end: the state follows from them. */
export const byHand = (b: Breaker, reason: Reason, change: () => void) => {
  const { kind, state } = b;
  change();
  const isFree = kind === 'heldOpen' && b.options.mode === 'enforcing' && b.holds.length === 0;
  const isClosed = [kind, b.kind].every((one) => one === 'closed' || one === 'heldClosed');
  if (reason === 'reset') become(b, 'closed', reason, { from: state });
  else if (b.kind !== kind && !isClosed)
    become(b, isFree ? 'halfOpen' : 'closed', reason, { from: state });
  else if (b.kind === b.phase && b.state !== 'closed' && b.options.mode === 'shadow')
    become(b, 'closed', reason, { keeps: true });
  else if (b.kind === 'rampUp' && b.options.initialShare === undefined)
    become(b, 'closed', 'rampedUp', { keeps: true });
  else if (b.kind === 'halfOpen') judge(b);
};
