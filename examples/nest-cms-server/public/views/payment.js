import { call } from '../api.js';
import { action, el } from '../dom.js';
import { follow, mayPass } from '../follow.js';
import { formatMoney } from '../money.js';
import { badge, road, row, table } from './parts.js';

const SETTLED = ['paid', 'failed', 'cancelled', 'expired'];
const isSettled = ({ status }) => SETTLED.includes(status);

/** Coming back from the gateway proves nothing: the page asks the server until the gateway's word is in. */
export async function paymentView(app, id) {
  const holder = el('div', { 'aria-live': 'polite' });
  const note = el('p', { id: 'payment-note', class: 'muted', role: 'status' });
  let shown = '';
  const ask = async () => {
    const { body } = await call('GET', `/v2/payments/${encodeURIComponent(id)}`);
    // Only what is new: else it would be read out again and again, and the focus be lost.
    const text = JSON.stringify(body);
    if (text !== shown) holder.replaceChildren(details(app, body));
    shown = text;
    return body;
  };
  const first = await ask().catch((error) => {
    if (!mayPass(error)) throw error;
    app.say(error.message, true);
  });
  if (!first || !isSettled(first)) void watch(app, id, { holder, note, ask });
  return el('div', {}, holder, note);
}

async function watch(app, id, { holder, note, ask }) {
  note.replaceChildren();
  const end = await app.run(() =>
    follow({
      ask,
      isSettled,
      isHere: () =>
        new URLSearchParams(location.search).get('payment') === id && holder.isConnected,
      onTrouble: (error) =>
        note.replaceChildren(error ? `${error.message} Asking again soon.` : ''),
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      now: () => performance.now(),
    }),
  );
  if (end !== 'timeUp') {
    note.replaceChildren();
    return;
  }
  const again = action('Ask again', async () => {
    const payment = await app.run(ask);
    if (payment && isSettled(payment)) note.replaceChildren();
    else void watch(app, id, { holder, note, ask });
  });
  note.replaceChildren('The gateway has not confirmed yet. ', again);
}

const SENTENCE = {
  created: 'The invoice waits to be paid.',
  processing: 'Waiting for the gateway to confirm.',
  paid: 'Paid. The gateway confirmed amount and currency.',
  failed: 'The payment did not go through. No money was taken; try again from the contract.',
  cancelled: 'The payment was cancelled. No money was taken.',
  expired: 'The payment page expired. No money was taken.',
};

const details = (app, payment) =>
  el(
    'div',
    {},
    action('Back to the contract', () => app.go(`contract=${payment.contractId}`), {
      class: 'quiet',
    }),
    road(payment.status === 'paid' ? 6 : 4),
    el(
      'section',
      { class: 'card' },
      el('h2', {}, payment.title),
      el(
        'p',
        {},
        `${formatMoney(payment.amount)} `,
        el('span', { id: 'payment-status' }, badge(payment.status)),
      ),
      el('p', {}, SENTENCE[payment.status] ?? ''),
      table(
        ['When', 'From', 'To', 'Why'],
        payment.history.map(({ at, from, to, reason }) =>
          row(new Date(at).toLocaleTimeString(), from ?? '', to, reason),
        ),
      ),
    ),
  );
