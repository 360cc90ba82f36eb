import { formatMajor } from '../../../money/money.js';
import { maskCard, testCards } from '../bank/cards.js';
import type { LedgerEntry } from '../books/ledger.js';
import { type DeferredMethod, deferredMethods } from '../payments/deferred.js';
import type { Terms } from '../payments/terms.js';
import { encode, frame, hidden, type Rendered, script } from './frame.js';
import { type Language, type Texts, textsOf } from './texts.js';

/** What a page shows, and in which language. */
export interface View {
  readonly entry: LedgerEntry;
  readonly terms: Terms;
  readonly language: Language;
}

const summary = (entry: LedgerEntry, texts: Texts) =>
  `<p class="note">${texts.warning}</p>
<p><bdi>${encode(entry.description)}</bdi><br><small>${texts.reference} <bdi>${encode(entry.cartId)}</bdi></small></p>
<p class="amount"><bdi dir="ltr">${encode(entry.cartAmount.currency)} ${formatMajor(entry.cartAmount)}</bdi></p>`;

const row = (...cells: string[]) =>
  `<tr>${cells.map((cell) => `<td><bdi>${cell}</bdi></td>`).join('')}</tr>`;

const cardTable = (texts: Texts) => `<table><caption>${texts.testCards}</caption>
<tr>${texts.columns.map((name) => `<th>${name}</th>`).join('')}</tr>
${row(testCards.visa.number, testCards.visa.cvv, texts.paid)}
${row(testCards.visa3ds.number, testCards.visa3ds.cvv, texts.asksFirst)}
${row(testCards.mastercard.number, testCards.mastercard.cvv, texts.paid)}
${row(texts.anyOfThem, texts.another, `${texts.declined} (305)`)}
${row(texts.anyOther, texts.any, `${texts.declined} (300)`)}</table>`;

const input = (name: string, label: string, value: string) =>
  `<label for="${name}">${label}</label><input id="${name}" name="${name}" dir="ltr" inputmode="numeric" required value="${encode(value)}">`;

const cvvInput = (texts: Texts) =>
  `<div>${input('cvv', texts.securityCode, testCards.visa.cvv)}</div>`;

const cardInputs = (texts: Texts) =>
  `${input('number', texts.cardNumber, testCards.visa.number)}
<div class="row"><div>${input('expiryMonth', texts.month, '12')}</div>
<div>${input('expiryYear', texts.year, '2039')}</div>
${cvvInput(texts)}</div>`;

const titleOf = ({ type }: LedgerEntry, texts: Texts) =>
  type === 'Register' ? texts.verify : type === 'Auth' ? texts.authorise : texts.pay;

const alternativeBox = ({ alternative }: Terms, texts: Texts): string =>
  alternative === undefined
    ? ''
    : `<label><input type="checkbox" name="alternative" value="yes">${texts.payInstead} <bdi dir="ltr">${alternative.currency} ${formatMajor(alternative)}</bdi></label>`;

function fields({ entry, terms }: View, texts: Texts): string {
  const { savedCard, donation } = terms;
  const amount =
    donation === undefined ? '' : input('amount', texts.amount, formatMajor(entry.cartAmount));
  const rather = alternativeBox(terms, texts);
  if (savedCard !== undefined) {
    const masked = `<bdi dir="ltr">${maskCard(savedCard.number)}</bdi>`;
    return `${amount}${rather}<p>${texts.savedCard}: ${masked}</p>${cvvInput(texts)}`;
  }
  const save = terms.askToSave
    ? `<label><input type="checkbox" name="save" value="yes">${texts.saveCard}</label>`
    : '';
  return terms.methods.includes('card') ? `${amount}${rather}${cardInputs(texts)}${save}` : amount;
}

/** Methods to pay later with; a hold or a registration cannot wait. */
export const offeredLater = ({ entry, terms }: View): readonly DeferredMethod[] =>
  entry.type === 'Sale' ? deferredMethods.filter(({ code }) => terms.methods.includes(code)) : [];

function laterButtons(view: View, texts: Texts): string {
  return offeredLater(view)
    .map(
      ({ code, method }) =>
        `<button name="action" value="later:${code}" class="plain" formnovalidate>${texts.payLater} ${encode(method.name)}</button>`,
    )
    .join('');
}

const framed = (terms: Terms): boolean => terms.frame !== 'none';

/** The card form, with what else is offered. */
export function renderCardForm(view: View, problem?: string): Rendered {
  const { entry, terms, language } = view;
  const texts = textsOf(language);
  const other = language === 'ar' ? 'en' : 'ar';
  const byCard = terms.savedCard !== undefined || terms.methods.includes('card');
  return frame(
    titleOf(entry, texts),
    `<nav><a href="?lang=${other}" lang="${other}">${texts.otherLanguage}</a></nav>
${summary(entry, texts)}${problem === undefined ? '' : `<p class="problem" role="alert">${problem}</p>`}
<form method="post" id="card" autocomplete="off">
${fields(view, texts)}
${byCard ? `<button name="action" value="pay">${texts.pay}</button>` : ''}
${laterButtons(view, texts)}
<button name="action" value="cancel" class="plain" formnovalidate>${texts.cancel}</button>
</form>${byCard ? cardTable(texts) : ''}`,
    { language, framed: framed(terms) },
  );
}

/** The issuer's question. */
export function renderChallenge({ entry, terms, language }: View): Rendered {
  const texts = textsOf(language);
  return frame(
    texts.challengeTitle,
    `${summary(entry, texts)}<p>${texts.challengeQuestion}</p>
<form method="post" id="challenge">
<button name="action" value="authorise">${texts.confirm}</button>
<button name="action" value="reject" class="plain">${texts.reject}</button>
</form>`,
    { language, framed: framed(terms) },
  );
}

/** Where the way back leads, of a page inside another. */
const targets: Readonly<Record<Terms['frame'], string>> = {
  none: '',
  self: '',
  parent: ' target="_parent"',
  top: ' target="_top"',
};

/** The way back to the merchant: signed fields, sent by the browser itself. */
export function renderReturn(
  message: string,
  {
    url,
    method,
    fields: sent,
    language,
    target,
  }: {
    url: string;
    method: 'post' | 'get';
    fields: Record<string, string>;
    language: Language;
    target: Terms['frame'];
  },
): Rendered {
  const texts = textsOf(language);
  return frame(
    texts.returning,
    `<p>${encode(message)}</p>
<form method="${method}" id="return" action="${encode(url)}"${targets[target]}>${hidden(sent)}
<button>${texts.goOn}</button></form><script>${script}</script>`,
    { language, formTargets: 'http: https:', framed: target !== 'none' },
  );
}

/** The end, when there is nowhere to return to, or the page is dead. */
export const renderMessage = (
  [title, text]: readonly [title: string, text: string],
  language: Language,
): Rendered => frame(title, `<p>${encode(text)}</p>`, { language, formTargets: "'none'" });
