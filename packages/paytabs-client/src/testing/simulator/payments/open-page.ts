import type { LedgerEntry } from '../books/ledger.js';
import type { Gateway } from '../gateway.js';
import type { Page } from '../page/pages.js';
import type { Terms } from './terms.js';

/** A payment before it has a reference. */
export type Template = Omit<
  LedgerEntry,
  | 'tranRef'
  | 'account'
  | 'createdAt'
  | 'actedAt'
  | 'visibleAt'
  | 'status'
  | 'responseCode'
  | 'responseMessage'
>;

/** Begins a transaction; temporary until somebody acts. */
export function beginPayment(template: Template, gateway: Gateway): LedgerEntry {
  const tranRef = gateway.references.tranRef(gateway.profileOf(template).referenceLetters);
  return gateway.ledger.put({
    ...template,
    tranRef,
    account: tranRef,
    responseCode: '',
    responseMessage: '',
    createdAt: gateway.clock.wallTime(),
  });
}

/** Opens a page on which it can be paid, once, until it dies. */
export function openPage(
  entry: LedgerEntry,
  { terms, ttlMs }: { terms: Terms; ttlMs: number },
  gateway: Gateway,
): Page {
  const { clock } = gateway;
  const { tranRef } = entry;
  const page = gateway.pages.open({
    id: gateway.references.pageId(),
    tranRef,
    terms,
    expiresAt: clock.now() + ttlMs,
  });
  if (gateway.options.unusedPages !== 'expire') return page;
  page.cancelExpiry = clock.setTimer(() => {
    gateway.pages.use(page);
    const responseMessage = 'Transaction expired';
    gateway.conclude(entry, { status: 'X', responseCode: '355', responseMessage });
  }, ttlMs);
  return page;
}
