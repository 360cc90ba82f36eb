import { type TestCard, type TestCardName, testCards } from './bank/cards.js';

/** What the person at the page does. */
export interface ShopperChoice {
  /** A test card by name, or any card; default `visa`. */
  readonly card?: TestCardName | TestCard;
  /** `pay` (default), `cancel`, `later` (a deferred method), or `reject` the bank's 3-D Secure question. */
  readonly action?: 'pay' | 'cancel' | 'reject' | 'later';
  /** Code of the deferred method; default the first that is offered. */
  readonly method?: string;
  /** Ticks the box to keep the card. Default false. */
  readonly save?: boolean;
  /** Pays in the other currency that the page offers. Default false. */
  readonly alternative?: boolean;
  /** What a donor gives, in major units; default what the page proposes. */
  readonly amount?: string;
  /** Leave the tab before the way back to the merchant: no return is sent. Default false. */
  readonly closeTab?: boolean;
}

/** How the visit ended. */
export interface ShopperVisit {
  /** Fields of the signed return, as the browser had them; empty when there is nowhere to return to. */
  readonly fields: Readonly<Record<string, string>>;
  /** The merchant's answer to the return; absent when none was sent. */
  readonly returned?: {
    readonly url: string;
    readonly status: number;
    readonly location: string | undefined;
  };
}

interface Form {
  readonly id: string;
  readonly action: string;
  readonly method: string;
  readonly fields: Record<string, string>;
  /** What donors are asked for, as it stands in the form. */
  readonly proposed: Record<string, string>;
  /** Codes of the deferred methods that are offered. */
  readonly later: readonly string[];
}

/**
 * Goes through a page of the simulator over HTTP as a browser would: reads it, fills the form, passes 3-D Secure,
 * and posts the signed return to the merchant without following its redirect.
 * @throws Error when the page is dead or is not the simulator's
 */
export async function visitHostedPage(
  redirectUrl: string,
  choice: ShopperChoice = {},
): Promise<ShopperVisit> {
  const { action = 'pay' } = choice;
  const opened = await open(redirectUrl);
  let form = formOf(opened.html);
  const { url } = opened;
  if (form?.id === 'card') form = formOf(await submit(url, answersOf(form, choice)));
  if (form?.id === 'challenge') {
    const answer = { pay: 'authorise', later: 'authorise', cancel: 'cancel', reject: 'reject' }[
      action
    ];
    form = formOf(await submit(url, { ...form.fields, action: answer }));
  }
  if (form?.id === 'card') throw new Error('The payment page did not accept the card form');
  if (form?.id !== 'return') return { fields: {} };
  if (choice.closeTab) return { fields: form.fields };
  return { fields: form.fields, returned: await goBack(form, redirectUrl) };
}

/** What the form is filled with, as far as it asks for it. */
function answersOf(form: Form, choice: ShopperChoice): Record<string, string> {
  const { action = 'pay', card = 'visa', method, save, amount } = choice;
  if (action === 'cancel') return { ...form.fields, action };
  if (action === 'later') {
    const code = method ?? form.later[0];
    if (code === undefined) throw new Error('The payment page offers nothing to pay later with');
    return { ...form.fields, action: `later:${code}` };
  }
  return {
    ...form.fields,
    ...form.proposed,
    ...cardFields(card),
    ...(save ? { save: 'yes' } : {}),
    ...(choice.alternative ? { alternative: 'yes' } : {}),
    ...(amount === undefined ? {} : { amount }),
    action: 'pay',
  };
}

const cardFields = (card: TestCardName | TestCard): Record<string, string> => {
  const { number, cvv, expiryMonth, expiryYear } =
    typeof card === 'string' ? testCards[card] : card;
  return { number, cvv, expiryMonth: String(expiryMonth), expiryYear: String(expiryYear) };
};

/** The page, and where it is: invoices and links lead on. */
async function open(address: string): Promise<{ html: string; url: string }> {
  const answer = await fetch(address);
  const html = await answer.text();
  if (!answer.ok) throw new Error(`The payment page answered ${answer.status}`);
  return { html, url: answer.url };
}

async function submit(url: string, fields: Record<string, string>): Promise<string> {
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(fields) });
  const html = await answer.text();
  if (!answer.ok) throw new Error(`The payment page answered ${answer.status} to its form`);
  return html;
}

async function goBack(form: Form, from: string): Promise<NonNullable<ShopperVisit['returned']>> {
  const body = new URLSearchParams(form.fields);
  const headers = { origin: new URL(from).origin };
  const answer = await (form.method === 'post'
    ? fetch(form.action, { method: 'POST', body, headers, redirect: 'manual' })
    : fetch(withQuery(form), { redirect: 'manual' }));
  await answer.arrayBuffer();
  const location = answer.headers.get('location') ?? undefined;
  return { url: form.action, status: answer.status, location };
}

/** A form by GET replaces the query of its address. */
const withQuery = ({ action, fields }: Form): string => {
  const query = new URLSearchParams(fields).toString();
  return query === '' ? action : `${action.split('?')[0]}?${query}`;
};

const attribute = (tag: string, name: string): string =>
  decode(new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? '');

const decode = (text: string): string =>
  text
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&');

/** The first form of a page: its address, its hidden fields. */
function formOf(html: string): Form | undefined {
  const [, tag, content] = /(<form[^>]*>)([\s\S]*?)<\/form>/.exec(html) ?? [];
  if (tag === undefined || content === undefined) return undefined;
  const amount = /<input id="amount"[^>]*>/.exec(content)?.[0];
  const inputs = content.match(/<input type="hidden"[^>]*>/g) ?? [];
  return {
    id: attribute(tag, 'id'),
    action: attribute(tag, 'action'),
    method: attribute(tag, 'method'),
    fields: Object.fromEntries(
      inputs.map((input) => [attribute(input, 'name'), attribute(input, 'value')]),
    ),
    proposed: amount === undefined ? {} : { amount: attribute(amount, 'value') },
    later: Array.from(content.matchAll(/value="later:([a-z]+)"/g), ([, code = '']) => code),
  };
}
