import { call } from '../api.js';
import { action, el, field, form } from '../dom.js';
import { formatMoney, parseMoney } from '../money.js';
import { badge, moneyCell, road, row, table } from './parts.js';

const PAYABLE = ['created', 'processing', 'failed', 'cancelled', 'expired'];

export async function contractView(app, id) {
  const { body: contract, headers } = await call('GET', `/v1/contracts/${encodeURIComponent(id)}`);
  const isClient = contract.clientId === app.user.id;
  const isPaid = contract.payments.some(({ status }) => status === 'paid');
  return el(
    'div',
    {},
    action('All contracts', () => app.go(''), { class: 'quiet' }),
    road(contract.payments.length === 0 ? 3 : isPaid ? 6 : 4),
    summary(app, contract, headers),
    payments(app, contract, isClient),
    contract.employeeId === app.user.id ? invoiceForm(app, contract) : undefined,
  );
}

const summary = (app, contract, headers) =>
  el(
    'section',
    { class: 'card' },
    el('h2', {}, contract.title),
    el('p', {}, contract.content),
    el(
      'p',
      {},
      `${contract.client.fullName} with ${contract.employee.fullName}, ${formatMoney(contract.amount)} `,
      badge(contract.status),
    ),
    table(
      ['Paid', 'Open', 'Not invoiced'],
      [
        row(
          moneyCell(formatMoney(contract.totals.paid)),
          moneyCell(formatMoney(contract.totals.open)),
          moneyCell(formatMoney(contract.totals.remaining)),
        ),
      ],
    ),
    el(
      'p',
      { class: 'muted' },
      'Cache ',
      el(
        'span',
        { class: `badge ${headers.get('x-cache')}`, id: 'cache' },
        headers.get('x-cache') ?? '?',
      ),
      ` from ${headers.get('x-cache-source') ?? '?'}, read from ${headers.get('x-served-by') ?? 'nowhere but the cache'} `,
      action('Read again', () => app.show(), { class: 'quiet' }),
    ),
  );

const payments = (app, contract, isClient) =>
  el(
    'section',
    { class: 'card' },
    el('h2', {}, 'Invoices'),
    contract.payments.length === 0
      ? el('p', { class: 'muted' }, 'No invoice yet.')
      : table(
          ['Invoice', 'Amount', 'State', ''],
          contract.payments.map((payment) =>
            row(
              payment.title,
              moneyCell(formatMoney(payment.amount)),
              badge(payment.status),
              isClient && PAYABLE.includes(payment.status)
                ? action('Pay', () => pay(app, payment), { 'aria-label': `Pay ${payment.title}` })
                : action('Follow', () => app.go(`payment=${payment.id}`), { class: 'quiet' }),
            ),
          ),
        ),
  );

const pay = (app, payment) =>
  app.run(async () => {
    const { body } = await call('POST', `/v2/payments/process/${payment.id}`, {});
    if (body.redirectUrl) location.assign(body.redirectUrl);
    else await app.go(`payment=${payment.id}`);
  });

function invoiceForm(app, contract) {
  // One key for this form: sending it twice makes one invoice.
  const idempotencyKey = crypto.randomUUID();
  return form({
    title: 'New invoice',
    fields: [
      field('What for', el('input', { name: 'title', required: true, maxlength: 120 })),
      field(
        `Amount in ${contract.amount.currency}`,
        el('input', { name: 'amount', required: true, inputmode: 'decimal' }),
      ),
    ],
    submit: 'Make the invoice',
    onsubmit: ({ title, amount }) =>
      app.run(async () => {
        const money = parseMoney(amount, contract.amount.currency);
        if (!money)
          return app.say(`“${amount}” is not an amount in ${contract.amount.currency}.`, true);
        const body = { contractId: contract.id, title, amount: money };
        await call('POST', '/v2/payments/create', { body, idempotencyKey });
        await app.show();
        app.say('The invoice waits for the client.');
      }),
  });
}
