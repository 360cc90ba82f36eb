import { hasEnded, type Intent } from '../../intents/intent.js';
import { toRecord } from '../../intents/intent-record.js';
import { formatMajor } from '../../money/money.js';

/** What is known of an intent before and after it was asked about. */
export interface Look {
  readonly before: Intent;
  /** Absent: the gateway was not asked, or gave no answer. */
  readonly after?: Intent;
  /** Why it was not asked, or what failed. */
  readonly note?: string;
  readonly isFailed?: boolean;
}

/** The state with what belongs to it. */
function stateOf({ state }: Intent): string {
  switch (state.name) {
    case 'unknown':
      return `unknown (${state.reason})`;
    case 'pending':
    case 'done':
      return `${state.name} (${state.seen.type} ${state.seen.status}, ${state.seen.tranRef})`;
    case 'refused':
      return `refused (${state.gatewayCode ?? state.code})`;
    case 'disputed':
      return `disputed (${[state.reason, ...state.tranRefs].join(', ')})`;
    case 'pageOpen':
      return `pageOpen (${state.tranRef})`;
    default:
      return state.name;
  }
}

/** Reference, type, amount, before → after. */
export function textOf({ before, after, note }: Look): string {
  const { cartId, type, amount } = before;
  const head = `${cartId}  ${type}  ${formatMajor(amount)} ${amount.currency}  ${stateOf(before)}`;
  const moved = after === undefined ? '' : ` → ${stateOf(after)}`;
  return `${head}${moved}${note === undefined ? '' : `  ${note}`}`;
}

/** The gateway's largest amount fits a number of JSON many times over. */
const form = { minor: Number, time: (time: Date) => time.toISOString() };

/** The same for machines; `before` and `after` are states as stores write them. */
export function jsonOf({ before, after, note, isFailed }: Look): string {
  const now = after ?? before;
  const { cartId, operation, type, amount, state, dueAt } = toRecord(before, form);
  return JSON.stringify({
    cartId,
    operation,
    type,
    amount,
    before: state,
    ...(after === undefined ? {} : { after: toRecord(after, form).state }),
    ended: hasEnded(now),
    told: now.acknowledged,
    dueAt: now === before ? dueAt : now.dueAt,
    ...(note === undefined ? {} : { [isFailed ? 'error' : 'note']: note }),
  });
}
