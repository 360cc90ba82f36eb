import type { LedgerEntry } from '../books/ledger.js';
import type { Gateway } from '../gateway.js';
import type { Reply } from '../http.js';
import { postpone } from '../payments/deferred.js';
import { type Means, takePayment } from '../payments/take-payment.js';
import type { Rendered } from './frame.js';
import { goBack } from './go-back.js';
import type { Page } from './pages.js';
import { readForm } from './read-form.js';
import {
  offeredLater,
  renderCardForm,
  renderChallenge,
  renderMessage,
  type View,
} from './render.js';
import { type Language, textsOf } from './texts.js';

export const pageAnswer = ({ html, policy }: Rendered, status = 200): Reply => ({
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

/** What a browser sent: the page's query, and the form if there was one. */
export interface Visit {
  readonly query: URLSearchParams;
  readonly form?: URLSearchParams | undefined;
}

// A form without an address of its own is sent to the page's, query and all.
const languageOf = ({ query }: Visit, page: Page | undefined): Language => {
  const asked = query.get('lang');
  return asked === 'ar' || asked === 'en' ? asked : (page?.terms.language ?? 'en');
};

/** Shows the hosted page, or acts on what its form sent. */
export function handlePage(id: string, visit: Visit, gateway: Gateway): Reply {
  const page = gateway.pages.find(id);
  const language = languageOf(visit, page);
  const texts = textsOf(language);
  const entry = page && gateway.ledger.get(page.tranRef);
  if (page === undefined || entry === undefined) {
    return pageAnswer(renderMessage(texts.noPage, language), 404);
  }
  if (page.used) return pageAnswer(renderMessage(texts.usedPage, language), 410);
  if (gateway.clock.now() >= page.expiresAt) {
    return pageAnswer(renderMessage(texts.deadPage, language), 410);
  }
  const view = { entry, terms: page.terms, language };
  if (visit.form !== undefined) return act(page, view, { form: visit.form, gateway });
  return pageAnswer(page.challenged ? renderChallenge(view) : renderCardForm(view));
}

function act(
  page: Page,
  view: View,
  { form, gateway }: { form: URLSearchParams; gateway: Gateway },
): Reply {
  const { entry, terms, language } = view;
  const action = form.get('action') ?? '';
  const leave = (concluded: LedgerEntry) => {
    gateway.pages.use(page);
    return pageAnswer(goBack(concluded, { terms, language, gateway }));
  };
  const pay = (means: Means) => {
    const taken = takePayment(entry, { means, terms, gateway });
    if (taken !== 'challenge') return leave(taken);
    page.challenged = means;
    return pageAnswer(renderChallenge(view));
  };
  if (action === 'cancel') {
    const end = { responseCode: '321', responseMessage: 'Cancelled' };
    return leave(gateway.conclude(entry, { status: 'C', ...end }));
  }
  if (page.challenged !== undefined) {
    if (action === 'authorise') return pay({ ...page.challenged, challenge: 'passed' });
    if (action === 'reject') return pay({ ...page.challenged, challenge: 'failed' });
    return pageAnswer(renderChallenge(view));
  }
  const method = offeredLater(view).find(({ code }) => action === `later:${code}`);
  if (method !== undefined) {
    const number = gateway.references.digits(method.code === 'sadad' ? 12 : 14);
    return leave(postpone(entry, { method: method.method, number }, gateway));
  }
  const means = readForm(form, { entry, terms, texts: textsOf(language) });
  return typeof means === 'string' ? pageAnswer(renderCardForm(view, means)) : pay(means);
}
