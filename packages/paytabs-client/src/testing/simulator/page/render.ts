import { createHash } from 'node:crypto';
import { formatMajor } from '../../../money/money.js';
import { testCards } from '../cards.js';
import type { LedgerEntry } from '../ledger.js';

const style = `
body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f3f5f7;color:#1c2733}
main{max-width:26rem;margin:2rem auto;padding:1.5rem;background:#fff;border:1px solid #d5dce3;border-radius:.5rem}
h1{font-size:1.25rem;margin:0 0 .25rem}
.note{background:#fff7dc;border:1px solid #e6d48a;padding:.5rem .75rem;border-radius:.25rem;font-size:.875rem}
.amount{font-size:1.75rem;margin:.5rem 0}
label{display:block;margin:.75rem 0 .25rem;font-size:.875rem}
input{font:inherit;padding:.5rem;width:100%;box-sizing:border-box;border:1px solid #9aa7b4;border-radius:.25rem}
.row{display:flex;gap:.75rem}.row>div{flex:1}
button{font:inherit;padding:.6rem 1rem;margin-top:1rem;border-radius:.25rem;border:1px solid #1f5fa8;background:#1f5fa8;color:#fff;cursor:pointer}
button.plain{background:#fff;color:#1f5fa8}
table{border-collapse:collapse;font-size:.8125rem;margin-top:1rem;width:100%}
th,td{text-align:left;padding:.25rem .5rem;border-top:1px solid #e3e8ed}
.problem{color:#a3261b}`;

/** Sends the return form at once; the button beneath is for browsers without scripts. */
const script = `document.getElementById('return').submit();`;

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/**
 * Nothing from elsewhere, no script but the one above. Forms go to the page itself; on the last page to the
 * merchant, whose own redirects browsers check against this list too.
 */
const policy = (formTargets: string): string =>
  [
    "default-src 'none'",
    `style-src ${hash(style)}`,
    `script-src ${hash(script)}`,
    `form-action ${formTargets}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** A page and its content security policy. */
export interface Rendered {
  readonly html: string;
  readonly policy: string;
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const encode = (text: string) => text.replace(/[&<>"']/g, (letter) => escapes[letter] ?? letter);

const hidden = (fields: Readonly<Record<string, string>>) =>
  Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${encode(name)}" value="${encode(value)}">`)
    .join('');

const frame = (title: string, content: string, formTargets = "'self'"): Rendered => ({
  html: `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${encode(title)}</title><style>${style}</style></head>
<body><main><h1>${encode(title)}</h1>${content}</main></body></html>
`,
  policy: policy(formTargets),
});

const summary = (entry: LedgerEntry) =>
  `<p class="note">This is a local simulator. No money moves. Never type a real card number.</p>
<p>${encode(entry.description)}<br><small>Reference ${encode(entry.cartId)}</small></p>
<p class="amount">${encode(entry.cartAmount.currency)} ${formatMajor(entry.cartAmount)}</p>`;

const cardTable = `<table><caption>Test cards</caption>
<tr><th>Number</th><th>CVV</th><th>What happens</th></tr>
<tr><td>${testCards.visa.number}</td><td>${testCards.visa.cvv}</td><td>paid</td></tr>
<tr><td>${testCards.visa3ds.number}</td><td>${testCards.visa3ds.cvv}</td><td>3-D Secure first</td></tr>
<tr><td>${testCards.mastercard.number}</td><td>${testCards.mastercard.cvv}</td><td>paid</td></tr>
<tr><td>any of them</td><td>another</td><td>declined (305)</td></tr>
<tr><td>any other</td><td>any</td><td>declined (300)</td></tr></table>`;

/** The card form. */
export const renderCardForm = (entry: LedgerEntry, problem?: string): Rendered =>
  frame(
    entry.type === 'Auth' ? 'Authorise payment' : 'Pay',
    `${summary(entry)}${problem === undefined ? '' : `<p class="problem" role="alert">${encode(problem)}</p>`}
<form method="post" id="card" autocomplete="off">
<label for="number">Card number</label><input id="number" name="number" inputmode="numeric" required value="${testCards.visa.number}">
<div class="row"><div><label for="expiryMonth">Month</label><input id="expiryMonth" name="expiryMonth" inputmode="numeric" required value="12"></div>
<div><label for="expiryYear">Year</label><input id="expiryYear" name="expiryYear" inputmode="numeric" required value="2039"></div>
<div><label for="cvv">CVV</label><input id="cvv" name="cvv" inputmode="numeric" required value="${testCards.visa.cvv}"></div></div>
<button name="action" value="pay">Pay</button>
<button name="action" value="cancel" class="plain" formnovalidate>Cancel</button>
</form>${cardTable}`,
  );

/** The issuer's question. */
export const renderChallenge = (entry: LedgerEntry): Rendered =>
  frame(
    '3-D Secure',
    `${summary(entry)}<p>Your bank asks: is this payment yours?</p>
<form method="post" id="challenge">
<button name="action" value="authorise">Authorise</button>
<button name="action" value="reject" class="plain">Reject</button>
</form>`,
  );

/** The way back to the merchant: signed fields, sent by the browser itself. */
export const renderReturn = (
  entry: LedgerEntry,
  { url, method, fields }: { url: string; method: 'post' | 'get'; fields: Record<string, string> },
): Rendered =>
  frame(
    'Returning to the shop',
    `<p>${encode(entry.responseMessage)}</p>
<form method="${method}" id="return" action="${encode(url)}">${hidden(fields)}
<button>Continue</button></form><script>${script}</script>`,
    'http: https:',
  );

/** The end, when there is nowhere to return to, or the page is dead. */
export const renderMessage = (title: string, text: string): Rendered =>
  frame(title, `<p>${encode(text)}</p>`, "'none'");
