import type { LedgerEntry } from '../books/ledger.js';
import type { Gateway } from '../gateway.js';
import { prefixOf } from './follow-up.js';

/** A method whose customer gets a number and pays later, elsewhere. */
export interface DeferredMethod {
  readonly code: string;
  readonly currency: string;
  readonly method: NonNullable<LedgerEntry['method']>;
}

const atAgents = (code: string, name: string): DeferredMethod => ({
  code,
  currency: 'EGP',
  method: { name, description: name, scheme: '', issuerCountry: 'EG', issuerName: name },
});

const sadad: DeferredMethod = {
  code: 'sadad',
  currency: 'SAR',
  method: {
    name: 'SADAD (IFS)',
    description: 'Sadad (IFS)',
    scheme: '',
    issuerCountry: 'SA',
    issuerName: 'Sadad',
  },
};

export const deferredMethods: readonly DeferredMethod[] = Object.freeze([
  atAgents('aman', 'Aman'),
  atAgents('basata', 'Basata'),
  atAgents('fawry', 'Fawry'),
  sadad,
]);

/** The customer will pay later: the transaction turns into a request that waits. */
export function postpone(
  entry: LedgerEntry,
  { method, number }: { method: DeferredMethod['method']; number: string },
  gateway: Gateway,
): LedgerEntry {
  const waiting = gateway.conclude(
    {
      ...entry,
      type: 'Payment Request',
      originalType: 'Sale',
      method,
      acquirerRef: number,
    },
    { status: 'P', responseCode: number, responseMessage: 'Pending' },
  );
  const cancel = gateway.clock.setTimer(
    () => expireDeferred(waiting, gateway),
    gateway.options.deferredTtlMs,
  );
  gateway.waiting.set(waiting.tranRef, cancel);
  return waiting;
}

/** It waits no more. @throws Error when it did not wait */
function stopWaiting({ tranRef }: LedgerEntry, { waiting }: Gateway): void {
  const cancel = waiting.get(tranRef);
  if (cancel === undefined) throw new Error(`${tranRef} is no payment that waits`);
  cancel();
  waiting.delete(tranRef);
}

/** The customer has paid at the agent: a sale of its own, as the bank is told. */
export function settleDeferred(request: LedgerEntry, gateway: Gateway): LedgerEntry {
  stopWaiting(request, gateway);
  const sale = begin(request, gateway);
  const { tranRef, cartId, total: amount, account } = sale;
  const card = request.method?.name ?? '';
  const answer = gateway.issuer.ask({ action: 'charge', tranRef, cartId, amount, account, card });
  const { approved, code, message: responseMessage } = answer;
  return gateway.hear(sale, answer, (current) =>
    approved
      ? gateway.conclude(
          { ...current, acquirerRrn: gateway.references.digits(18) },
          { status: 'A', responseCode: request.responseCode, responseMessage },
        )
      : gateway.conclude(current, { status: 'D', responseCode: code, responseMessage }),
  );
}

/** The customer never came. */
export function expireDeferred(request: LedgerEntry, gateway: Gateway): LedgerEntry {
  stopWaiting(request, gateway);
  const isNew = gateway.options.deferredExpiry === 'new';
  const entry = isNew ? begin(request, gateway) : request;
  const end = { responseCode: '355', responseMessage: 'Transaction expired' };
  return gateway.conclude(entry, { status: 'X', ...end });
}

function begin(request: LedgerEntry, gateway: Gateway): LedgerEntry {
  const {
    status: _,
    originalType: _type,
    acquirerRef: _ref,
    actedAt: _acted,
    visibleAt: _visible,
    ...rest
  } = request;
  const tranRef = gateway.references.tranRef(prefixOf(request));
  return {
    ...rest,
    tranRef,
    previousTranRef: request.tranRef,
    type: 'Sale',
    account: tranRef,
    createdAt: gateway.clock.wallTime(),
    channel: 'Transaction API',
    serviceId: 1,
  };
}
