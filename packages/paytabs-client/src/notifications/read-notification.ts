import { isPayTabsError, PayTabsError } from '../errors.js';
import type { Transaction } from '../gateway/transaction.js';
import { toTransaction } from '../gateway/wire.js';
import { withRaw } from '../gateway/with-raw.js';
import { callbackSchema } from './callback-schema.js';
import { describeTransaction, type NotificationKind } from './meaning.js';

/** What every notice says. */
export interface NotificationFacts extends Omit<Transaction, 'profileId'> {
  readonly profileId: number;
  readonly followUp: boolean;
  readonly final: boolean;
  /** The gateway's mark of this notice. */
  readonly ipnTrace?: string;
  readonly customerRef?: string;
  readonly userDefined?: Readonly<Record<string, unknown>>;
}

/** A notice, told apart by `kind`. */
export type PayTabsNotification = {
  readonly [Kind in NotificationKind]: NotificationFacts & { readonly kind: Kind };
}[NotificationKind];

/**
 * Reads a callback whose signature was checked before. It says what the gateway reports, never that an order is paid:
 * that takes the client's `confirm`.
 * @throws PayTabsError UNEXPECTED_REPLY when it is no such body
 */
export function readNotification(payload: unknown): PayTabsNotification {
  const checked = callbackSchema.safeParse(payload);
  if (!checked.success) {
    const field = checked.error.issues[0]?.path.map(String).join('.') || '(all)';
    throw unexpected(`the field "${field}" is missing or of another type`);
  }
  const wire = checked.data;
  try {
    const transaction = toTransaction(wire, payload as Record<string, unknown>);
    const { kind, followUp, final } = describeTransaction(transaction);
    const fields = {
      ...transaction,
      kind: kind === 'paid' ? ('reportedPaid' as const) : kind,
      followUp,
      final,
      profileId: wire.profile_id,
      ...(wire.ipn_trace ? { ipnTrace: wire.ipn_trace } : {}),
      ...(wire.customer_ref ? { customerRef: wire.customer_ref } : {}),
      ...(wire.user_defined ? { userDefined: wire.user_defined } : {}),
    };
    return withRaw(fields, transaction.raw) as PayTabsNotification;
  } catch (error) {
    if (isPayTabsError(error, 'INVALID_MONEY')) throw unexpected(error.message);
    throw error;
  }
}

const unexpected = (why: string) =>
  new PayTabsError('UNEXPECTED_REPLY', `This is no callback of the gateway: ${why}`);
