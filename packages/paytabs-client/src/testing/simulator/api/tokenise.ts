import type { Gateway } from '../gateway.js';
import { jsonReply, type Reply } from '../http.js';
import { GatewayRefusal } from './gateway-error.js';
import { readCard } from './means.js';
import type { Body } from './payment-fields.js';

/** Any shop's page may call it, as the real one. */
const openToPages = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' };

const fieldOf: Readonly<Record<number, string>> = { 200: 'number', 2: 'cvv', 1: 'key' };

/** `POST /payment/tokenise`: takes a card from the browser's library, and gives a token for one payment. */
export function tokenise(body: Body, gateway: Gateway): Reply {
  const trace = gateway.references.trace();
  try {
    const profile = gateway.options.profiles.find(({ clientKey }) => clientKey === body.key);
    if (profile === undefined) throw new GatewayRefusal(401, 1, 'Authentication failed.');
    const { number, expmonth, expyear, cvv } = (body.card ?? {}) as Body;
    const typed = { pan: number, cvv, expiry_month: expmonth, expiry_year: expyear };
    const token = gateway.vault.lend(profile.profileId, readCard(typed, { needsCvv: true }));
    return { ...jsonReply(200, { error: false, token, trace }), headers: openJson };
  } catch (error) {
    if (!(error instanceof GatewayRefusal)) throw error;
    const { code, message, httpStatus } = error;
    const reply = {
      error: true,
      errorCode: code,
      errorField: fieldOf[code] ?? 'number',
      errorStatus: 'E',
      errorText: message,
      status: httpStatus,
      trace,
    };
    return { ...jsonReply(httpStatus, reply), headers: openJson };
  }
}

const openJson = { 'content-type': 'application/json', ...openToPages };

/** What a browser asks before it posts JSON to another host. */
export const tokenisePreflight: Reply = { status: 204, headers: openToPages, body: '' };

/** `GET /payment/js/paylib.js`: as much of the browser library as pages of shops call. */
export const paylib = (baseUrl: string): Reply => ({
  status: 200,
  headers: { 'content-type': 'text/javascript; charset=utf-8' },
  body: `'use strict';
window.paylib = (() => {
  const field = (form, name) => form.querySelector('[data-paylib="' + name + '"]');
  const inlineForm = ({ key, form, autoSubmit = true, callback = () => {} }) => {
    form.addEventListener('submit', async (event) => {
      if (form.elements.token) return;
      event.preventDefault();
      const card = {};
      for (const name of ['number', 'expmonth', 'expyear', 'cvv']) card[name] = (field(form, name) || {}).value;
      card.number = (card.number || '').replace(/\\s/g, '');
      if (/^\\d\\d$/.test(card.expyear || '')) card.expyear = '20' + card.expyear;
      const answer = await fetch(${JSON.stringify(`${baseUrl}/payment/tokenise`)}, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ key, card }),
      }).then((reply) => reply.json());
      callback(answer);
      if (answer.error || !autoSubmit) return;
      for (const input of form.querySelectorAll('[data-paylib]')) input.removeAttribute('name');
      const input = document.createElement('input');
      Object.assign(input, { type: 'hidden', name: 'token', value: answer.token });
      form.append(input);
      form.submit();
    });
  };
  const handleError = (element, response) => {
    element.textContent = response.errorText || '';
  };
  return { inlineForm, handleError };
})();
`,
});
