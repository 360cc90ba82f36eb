import { dueAtOf } from './due-at.js';
import { INTENT_VERSION, type Intent, type IntentSubject } from './intent.js';
import type { ReconcileRules } from './reconcile-rules.js';

/** A new intent, before anything of it has left. */
export function beginIntent(subject: IntentSubject, rules: ReconcileRules): Intent {
  const begun: Intent = {
    ...subject,
    v: INTENT_VERSION,
    revision: 0,
    state: Object.freeze({ name: 'begun' }),
    checks: Object.freeze({ count: 0, nothing: 0 }),
    since: subject.begunAt,
    acknowledged: false,
  };
  const dueAt = dueAtOf(begun, subject.begunAt, rules);
  return Object.freeze(dueAt === undefined ? begun : { ...begun, dueAt });
}

/**
 * Whether a byte may leave now. Asked in the moment before the first one: a process that was frozen must not send what
 * others have given up meanwhile.
 */
export const maySend = (intent: Pick<IntentSubject, 'sendBefore'>, at: Date): boolean =>
  at < intent.sendBefore;
