import { call } from '../api.js';
import { action, el } from '../dom.js';
import { formatMoney } from '../money.js';
import { badge, road, row, table } from './parts.js';

const SETTLED = ['paid', 'failed', 'cancelled', 'expired'];
const ASK_EVERY_MS = 700;
const ASK_FOR_MS = 60_000;

/** Coming back from the gateway proves nothing: the page asks the server until the gateway's word is in. */
export async function paymentView(app, id) {
  const holder = el('div', { 'aria-live': 'polite' });
  const ask = async () => {
    const { body } = await call('GET', `/v2/payments/${encodeURIComponent(id)}`);
    holder.replaceChildren(details(app, body));
    return body;
  };
  const first = await ask();
  if (!SETTLED.includes(first.status)) follow(app, id, holder, ask);
  return holder;
}

function follow(app, id, holder, ask) {
  const until = performance.now() + ASK_FOR_MS;
  const again = async () => {
    const stillHere =
      new URLSearchParams(location.search).get('payment') === id && holder.isConnected;
    if (!stillHere || performance.now() > until) return;
    const payment = await app.run(ask);
    if (payment && !SETTLED.includes(payment.status)) setTimeout(() => void again(), ASK_EVERY_MS);
  };
  setTimeout(() => void again(), ASK_EVERY_MS);
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
