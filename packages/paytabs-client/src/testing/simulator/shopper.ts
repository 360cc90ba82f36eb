import { type TestCard, type TestCardName, testCards } from './cards.js';

/** What the person at the page does. */
export interface ShopperChoice {
  /** A test card by name, or any card; default `visa`. */
  readonly card?: TestCardName | TestCard;
  /** `pay` (default), `cancel`, or `reject` the bank's 3-D Secure question. */
  readonly action?: 'pay' | 'cancel' | 'reject';
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
  const { action = 'pay', card = 'visa' } = choice;
  let form = formOf(await open(redirectUrl));
  if (action === 'cancel') form = formOf(await submit(redirectUrl, { action: 'cancel' }));
  else {
    form = formOf(await submit(redirectUrl, { ...cardFields(card), action: 'pay' }));
    if (form?.id === 'challenge') {
      const answer = action === 'reject' ? 'reject' : 'authorise';
      form = formOf(await submit(redirectUrl, { action: answer }));
    }
  }
  if (form?.id === 'card') throw new Error('The payment page did not accept the card form');
  if (form?.id !== 'return') return { fields: {} };
  if (choice.closeTab) return { fields: form.fields };
  return { fields: form.fields, returned: await goBack(form, redirectUrl) };
}

const cardFields = (card: TestCardName | TestCard): Record<string, string> => {
  const { number, cvv, expiryMonth, expiryYear } =
    typeof card === 'string' ? testCards[card] : card;
  return { number, cvv, expiryMonth: String(expiryMonth), expiryYear: String(expiryYear) };
};

async function open(url: string): Promise<string> {
  const answer = await fetch(url);
  const html = await answer.text();
  if (!answer.ok) throw new Error(`The payment page answered ${answer.status}`);
  return html;
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
    : fetch(form.action, { redirect: 'manual' }));
  await answer.arrayBuffer();
  const location = answer.headers.get('location') ?? undefined;
  return { url: form.action, status: answer.status, location };
}

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
  const inputs = content.match(/<input type="hidden"[^>]*>/g) ?? [];
  return {
    id: attribute(tag, 'id'),
    action: attribute(tag, 'action'),
    method: attribute(tag, 'method'),
    fields: Object.fromEntries(
      inputs.map((input) => [attribute(input, 'name'), attribute(input, 'value')]),
    ),
  };
}
