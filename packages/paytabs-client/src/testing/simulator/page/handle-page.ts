import { returnFields } from '../bodies.js';
import { asksFor3ds, maskCard, passesLuhn, schemeOf, type TestCard } from '../cards.js';
import type { Gateway } from '../gateway.js';
import type { Reply } from '../http.js';
import type { LedgerEntry } from '../ledger.js';
import { signReturn } from '../notices/sign.js';
import type { Page } from './pages.js';
import {
  type Rendered,
  renderCardForm,
  renderChallenge,
  renderMessage,
  renderReturn,
} from './render.js';

const pageAnswer = ({ html, policy }: Rendered, status = 200): Reply => ({
  status,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
    'cache-control': 'no-store',
    // The shop learns the origin, as of a real gateway, and not the page's address.
    'referrer-policy': 'strict-origin-when-cross-origin',
    'x-content-type-options': 'nosniff',
  },
  body: html,
});

/** Shows the hosted page, or acts on what its form sent. */
export function handlePage(id: string, form: URLSearchParams | undefined, gateway: Gateway): Reply {
  const page = gateway.pages.find(id);
  const entry = page && gateway.ledger.get(page.tranRef);
  if (page === undefined || entry === undefined) {
    return pageAnswer(renderMessage('Not found', 'There is no such payment page.'), 404);
  }
  if (page.used) {
    return pageAnswer(renderMessage('Done', 'This payment page was used already.'), 410);
  }
  if (gateway.clock.now() >= page.expiresAt) {
    return pageAnswer(renderMessage('Expired', 'This payment page has expired.'), 410);
  }
  if (form !== undefined) return act(page, entry, { form, gateway });
  return pageAnswer(page.challenged ? renderChallenge(entry) : renderCardForm(entry));
}

function act(
  page: Page,
  entry: LedgerEntry,
  { form, gateway }: { form: URLSearchParams; gateway: Gateway },
): Reply {
  const action = form.get('action');
  const end = (how: Parameters<Gateway['conclude']>[1]) => {
    page.used = true;
    return leave(gateway.conclude(entry, how), gateway);
  };
  if (action === 'cancel') {
    return end({ status: 'C', responseCode: '321', responseMessage: 'Cancelled' });
  }
  if (page.challenged !== undefined) {
    if (action === 'authorise') return end(charge(page.challenged, entry, gateway));
    if (action === 'reject') {
      const card = cardOf(page.challenged);
      const responseMessage = '3DSecure authentication rejected';
      return end({ status: 'D', responseCode: '310', responseMessage, card });
    }
    return pageAnswer(renderChallenge(entry));
  }
  const card = readCard(form);
  if (typeof card === 'string') return pageAnswer(renderCardForm(entry, card));
  if (asksFor3ds(card.number)) {
    page.challenged = card;
    return pageAnswer(renderChallenge(entry));
  }
  return end(charge(card, entry, gateway));
}

function charge(card: TestCard, entry: LedgerEntry, gateway: Gateway) {
  const decision = gateway.issuer.charge({
    card,
    hold: entry.type === 'Auth',
    tranRef: entry.tranRef,
    cartId: entry.cartId,
    amount: entry.total,
  });
  return {
    status: decision.approved ? ('A' as const) : ('D' as const),
    responseCode: decision.code,
    responseMessage: decision.message,
    card: cardOf(card),
  };
}

const cardOf = (card: TestCard) => ({
  masked: maskCard(card.number),
  scheme: schemeOf(card.number),
  expiryMonth: card.expiryMonth,
  expiryYear: card.expiryYear,
});

/** The card, or what is wrong with it. */
function readCard(form: URLSearchParams): TestCard | string {
  const number = (form.get('number') ?? '').replace(/[ -]/g, '');
  const cvv = form.get('cvv') ?? '';
  const expiryMonth = Number(form.get('expiryMonth'));
  const expiryYear = Number(form.get('expiryYear'));
  if (!/^\d{13,19}$/.test(number) || !passesLuhn(number)) return 'The card number is not valid.';
  if (!/^\d{3,4}$/.test(cvv)) return 'The security code is not valid.';
  if (!Number.isInteger(expiryMonth) || expiryMonth < 1 || expiryMonth > 12) {
    return 'The month is not valid.';
  }
  if (!Number.isInteger(expiryYear) || expiryYear < 2000 || expiryYear > 2100) {
    return 'The year is not valid.';
  }
  return { number, cvv, expiryMonth, expiryYear };
}

function leave(entry: LedgerEntry, gateway: Gateway): Reply {
  const url = entry.returnUrl;
  if (url === undefined) {
    return pageAnswer(renderMessage(entry.responseMessage, 'You may close this page.'));
  }
  const { serverKey } = gateway.profileOf(entry);
  // To a plain HTTP address the real gateway comes by GET and brings nothing.
  const readable = gateway.options.allowLocalCallback || url.toLowerCase().startsWith('https:');
  const fields = readable ? signReturn(serverKey, returnFields(entry)) : {};
  return pageAnswer(renderReturn(entry, { url, method: readable ? 'post' : 'get', fields }));
}
