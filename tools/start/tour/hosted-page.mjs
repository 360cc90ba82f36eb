// @ts-check
import { expectThat, TourError } from './api.mjs';

const TIMEOUT_MS = 15_000;

/**
 * @typedef {object} Form
 * @property {string} id
 * @property {string} action
 * @property {string} method
 * @property {Record<string, string>} fields
 */

/**
 * Pays on the gateway's page the way a browser does: fetch it, send the card form, answer the bank
 * if it asks, follow the form back to the shop.
 * @param {string} pageUrl
 * @param {{ card: string | undefined, showsAmount: string }} options card: undefined keeps the one
 *   that the page suggests; showsAmount: text that the page must show
 * @returns {Promise<{ status: number, location: string | null }>} the shop's answer to the return
 * @throws {TourError}
 */
export async function payOnPage(pageUrl, { card, showsAmount }) {
  const first = await load(pageUrl);
  expectThat(first.html.includes(showsAmount), `The payment page does not show ${showsAmount}.`);
  let form = formOf(first.html, pageUrl);
  expectThat(form?.id === 'card', 'The payment page has no card form.');
  form = await submit(form, { action: 'pay', ...(card && { number: card }) });
  if (form?.id === 'challenge') form = await submit(form, { action: 'authorise' });
  if (form?.id === 'card') throw new TourError('The payment page did not accept the card form.');
  expectThat(form?.id === 'return', 'The payment page shows no way back to the shop.');
  const response = await send(form, {});
  return { status: response.status, location: response.headers.get('location') };
}

/** @param {string} url */
async function load(url) {
  const response = await request(url, {});
  const html = await response.text();
  expectThat(response.ok, `The payment page answered ${response.status}.`);
  return { html };
}

/**
 * @param {Form} form
 * @param {Record<string, string>} typed
 */
async function submit(form, typed) {
  const response = await send(form, typed);
  const html = await response.text();
  expectThat(response.ok, `The payment page answered ${response.status} to its own form.`);
  return formOf(html, form.action);
}

/**
 * @param {Form} form
 * @param {Record<string, string>} typed
 */
function send(form, typed) {
  const body = new URLSearchParams({ ...form.fields, ...typed });
  return form.method === 'post'
    ? request(form.action, { method: 'POST', body })
    : request(`${form.action}?${body.toString()}`, {});
}

/**
 * @param {string} url
 * @param {RequestInit} init
 */
function request(url, init) {
  return fetch(url, {
    ...init,
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error) => {
    const { origin, pathname } = new URL(url);
    throw new TourError(
      `${origin}${pathname} got no answer: ${error.cause?.message ?? error.message}`,
    );
  });
}

/**
 * The first form of a page with what its fields hold.
 * @param {string} html
 * @param {string} pageUrl
 * @returns {Form | undefined}
 */
export function formOf(html, pageUrl) {
  const [, tag, content] = /(<form\b[^>]*>)([\s\S]*?)<\/form>/.exec(html) ?? [];
  if (tag === undefined || content === undefined) return undefined;
  const inputs = content.match(/<input\b[^>]*>/g) ?? [];
  return {
    id: attribute(tag, 'id'),
    action: new URL(attribute(tag, 'action') || pageUrl, pageUrl).href,
    method: attribute(tag, 'method').toLowerCase() || 'get',
    fields: Object.fromEntries(
      inputs
        .map((input) => [attribute(input, 'name'), attribute(input, 'value')])
        .filter(([name]) => name),
    ),
  };
}

/**
 * @param {string} tag
 * @param {string} name
 */
function attribute(tag, name) {
  const [, text = ''] = new RegExp(`\\s${name}="([^"]*)"`).exec(tag) ?? [];
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
