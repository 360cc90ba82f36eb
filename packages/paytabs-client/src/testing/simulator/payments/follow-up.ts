import { compareMoney, type Money, sameMoney } from '../../../money/money.js';
import type { BankAction } from '../bank/behaviour.js';
import type { LedgerEntry, TransactionKind } from '../books/ledger.js';
import type { Gateway } from '../gateway.js';

/** What can be done to an earlier transaction. */
export type FollowUpKind = 'capture' | 'void' | 'release' | 'refund' | 'authext';

export const isFollowUp = (type: string): type is FollowUpKind => Object.hasOwn(bankActions, type);

const bankActions: Readonly<Record<FollowUpKind, BankAction>> = {
  capture: 'capture',
  void: 'reversal',
  release: 'reversal',
  refund: 'refund',
  authext: 'extension',
};

const kinds: Readonly<Record<FollowUpKind, TransactionKind>> = {
  capture: 'Capture',
  void: 'Void',
  release: 'Release',
  refund: 'Refund',
  authext: 'AuthExt',
};

/** What was asked for. */
export interface FollowUp {
  readonly kind: FollowUpKind;
  readonly cartId: string;
  readonly description: string;
  readonly amount: Money;
  readonly callbackUrl?: string;
  readonly channel?: 'Dashboard';
  /** A person in the dashboard may take what the risk screening held. */
  readonly fromHold?: boolean;
}

/** Carries out a follow-up as a transaction of its own. Refusals are transactions too. */
export function followUp(parent: LedgerEntry, asked: FollowUp, gateway: Gateway): LedgerEntry {
  const { kind } = asked;
  const entry = begin(parent, asked, gateway);
  const refusal = refusalOf(parent, asked, gateway);
  if (refusal !== undefined) {
    const [responseCode, responseMessage] = refusal;
    return gateway.conclude(entry, { status: 'E', responseCode, responseMessage });
  }
  if (kind === 'refund' && gateway.options.refunds === 'approval') {
    gateway.ledger.use(parent.tranRef, asked.amount.minor);
    const end = { responseCode: '600', responseMessage: 'Pending' };
    return gateway.conclude(entry, { status: 'P', ...end });
  }
  return askBank(entry, kind, gateway);
}

/** A person decides on a refund that waits. */
export function decideRefund(
  refund: LedgerEntry,
  approved: boolean,
  gateway: Gateway,
): LedgerEntry {
  gateway.ledger.use(refund.previousTranRef ?? '', -refund.total.minor);
  if (approved) return askBank(refund, 'refund', gateway);
  const end = { responseCode: '300', responseMessage: 'Not authorised' };
  return gateway.conclude(refund, { status: 'D', ...end });
}

function askBank(entry: LedgerEntry, kind: FollowUpKind, gateway: Gateway): LedgerEntry {
  const { tranRef, cartId, total: amount, account } = entry;
  const parent = gateway.ledger.get(entry.previousTranRef ?? '');
  const answer = gateway.issuer.ask({
    // A sale holds nothing that could be let go: its money has been taken.
    action: parent?.type === 'Sale' ? 'refund' : bankActions[kind],
    tranRef,
    cartId,
    amount,
    account,
    card: entry.card?.masked ?? entry.method?.name ?? '',
  });
  return gateway.hear(entry, answer, (current) => {
    const end = { responseCode: answer.code, responseMessage: answer.message };
    if (!answer.approved) return gateway.conclude(current, { status: 'D', ...end });
    if (kind !== 'authext') gateway.ledger.use(entry.previousTranRef ?? '', amount.minor);
    const concluded = gateway.conclude(current, { status: 'A', ...end });
    if (kind === 'void') markVoided(entry, gateway);
    return concluded;
  });
}

/** An authorisation or a sale that was given up as a whole. */
function markVoided({ previousTranRef, total }: LedgerEntry, gateway: Gateway): void {
  const parent = gateway.ledger.get(previousTranRef ?? '');
  if (parent === undefined || gateway.options.voidedParents !== 'V') return;
  if (!sameMoney(parent.total, total)) return;
  gateway.ledger.put({ ...parent, status: 'V', responseMessage: 'Voided' });
}

/** Whether this can be done to such a transaction at all. */
function fitsKind(
  { type, total }: LedgerEntry,
  { kind, amount }: Pick<FollowUp, 'kind' | 'amount'>,
  { options }: Gateway,
): boolean {
  if (kind === 'refund') return type !== 'Auth';
  if (kind === 'void' && type === 'Sale' && options.voidOfSale === 'allowed') {
    return sameMoney(amount, total);
  }
  return type === 'Auth';
}

function refusalOf(
  parent: LedgerEntry,
  { kind, amount, fromHold }: FollowUp,
  gateway: Gateway,
): readonly [code: string, message: string] | undefined {
  if (parent.status === 'H' && fromHold !== true) {
    return ['120', 'Previous transaction is on hold'];
  }
  const rest = gateway.ledger.rest(fromHold ? { ...parent, status: 'A' } : parent);
  if (
    !fitsKind(parent, { kind, amount }, gateway) ||
    amount.minor <= 0n ||
    compareMoney(amount, rest) > 0
  ) {
    return ['118', 'Amount greater than available balance'];
  }
  if (kind === 'refund' && gateway.settings.refundBalance === 'exhausted') {
    return ['342', 'Refund balance exceeded'];
  }
  return undefined;
}

function begin(parent: LedgerEntry, asked: FollowUp, gateway: Gateway): LedgerEntry {
  const { kind, amount } = asked;
  const callbackUrl = asked.callbackUrl ?? parent.callbackUrl;
  // A void of less than the open hold is carried out as a release.
  const isPart =
    kind === 'void' &&
    parent.type === 'Auth' &&
    parent.status !== 'H' &&
    compareMoney(amount, gateway.ledger.rest(parent)) < 0;
  const type =
    kind === 'capture' ? gateway.options.capturesReportedAs : isPart ? 'Release' : kinds[kind];
  return {
    tranRef: gateway.references.tranRef(prefixOf(parent)),
    previousTranRef: parent.tranRef,
    profileId: parent.profileId,
    type,
    ...(isPart ? { originalType: 'Void' as const } : {}),
    transactionClass: 'ECom',
    cartId: asked.cartId,
    description: asked.description,
    cartAmount: amount,
    total: amount,
    responseCode: '',
    responseMessage: '',
    createdAt: gateway.clock.wallTime(),
    channel: asked.channel ?? 'Transaction API',
    serviceId: 1,
    customer: parent.customer,
    account: parent.account,
    ...(callbackUrl === undefined ? {} : { callbackUrl }),
    ...(parent.card === undefined ? {} : { card: parent.card }),
    ...(parent.method === undefined ? {} : { method: parent.method }),
    ...(parent.invoiceId === undefined ? {} : { invoiceId: parent.invoiceId }),
  };
}

/** Live and test references differ in their letters; a follow-up has its parent's. */
export const prefixOf = ({ tranRef }: LedgerEntry): string => tranRef.slice(0, 3);
