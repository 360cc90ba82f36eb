import { call } from '../api.js';
import { action, el, field, form } from '../dom.js';
import { formatMoney, parseMoney } from '../money.js';
import { badge, moneyCell, row, table } from './parts.js';

const CURRENCIES = ['AED', 'SAR', 'EGP', 'USD', 'EUR', 'KWD', 'BHD', 'OMR', 'JOD', 'QAR', 'JPY'];

export async function homeView(app) {
  const [offers, contracts] = await Promise.all([
    call('GET', '/v1/offers'),
    call('GET', '/v1/contracts'),
  ]);
  const isEmployee = app.user.role === 'employee';
  return el(
    'div',
    {},
    contractList(app, contracts.body.items),
    offerList(app, offers.body.items, isEmployee),
    isEmployee ? offerForm(app, offers.body.items) : undefined,
  );
}

const contractList = (app, contracts) =>
  el(
    'section',
    { class: 'card' },
    el('h2', {}, 'Contracts'),
    contracts.length === 0
      ? el('p', { class: 'muted' }, 'No contract yet: an accepted offer becomes one.')
      : table(
          ['Contract', 'Amount', 'Invoiced', 'State', ''],
          contracts.map((contract) =>
            row(
              contract.title,
              moneyCell(formatMoney(contract.amount)),
              moneyCell(formatMoney(contract.invoiced)),
              badge(contract.status),
              action('Open', () => app.go(`contract=${contract.id}`), {
                class: 'quiet',
                'aria-label': `Open ${contract.title}`,
              }),
            ),
          ),
        ),
  );

const offerList = (app, offers, isEmployee) =>
  el(
    'section',
    { class: 'card' },
    el('h2', {}, isEmployee ? 'Offers I made' : 'Offers to me'),
    offers.length === 0
      ? el('p', { class: 'muted' }, 'No offer yet.')
      : table(
          ['Offer', 'Price', 'State', ''],
          offers.map((offer) =>
            row(
              offer.title,
              moneyCell(formatMoney(offer.price)),
              badge(offer.status),
              offerAction(app, offer),
            ),
          ),
        ),
  );

function offerAction(app, offer) {
  const { id } = app.user;
  if (offer.status === 'review' && offer.clientId === id) {
    return action('Accept', () =>
      app.run(async () => {
        await call('POST', '/v1/offers/accept', { body: { offerId: offer.id } });
        await app.show();
        app.say(`Accepted: ${offer.title}.`);
      }),
    );
  }
  if (offer.status === 'accepted' && offer.employeeId === id) {
    return action('Make the contract', () =>
      app.run(async () => {
        const { body } = await call('POST', '/v1/contracts/create', {
          body: { offerId: offer.id },
        });
        await app.go(`contract=${body.id}`);
      }),
    );
  }
  return el('span', { class: 'muted' }, offer.status === 'review' ? 'waits for the client' : '');
}

function offerForm(app, offers) {
  const clients = [...new Set(offers.map((offer) => offer.clientId))];
  return form({
    title: 'New offer',
    fields: [
      field('Title', el('input', { name: 'title', required: true, maxlength: 200 })),
      field('What is offered', el('input', { name: 'content', required: true, maxlength: 10000 })),
      field(
        'Client id',
        el('input', {
          name: 'clientId',
          required: true,
          list: 'clients',
          pattern: '[0-9a-f]{24}',
          title: '24 letters a to f and digits',
        }),
      ),
      el(
        'datalist',
        { id: 'clients' },
        clients.map((id) => el('option', { value: id })),
      ),
      field(
        'Price',
        el('input', {
          name: 'price',
          required: true,
          inputmode: 'decimal',
          placeholder: '1500.00',
        }),
      ),
      field(
        'Currency',
        el(
          'select',
          { name: 'currency' },
          CURRENCIES.map((code) => el('option', {}, code)),
        ),
      ),
    ],
    submit: 'Make the offer',
    onsubmit: ({ title, content, clientId, price, currency }) =>
      app.run(async () => {
        const amount = parseMoney(price, currency);
        if (!amount) return app.say(`“${price}” is not an amount in ${currency}.`, true);
        await call('POST', '/v1/offers/create', {
          body: { title, content, clientId, price: amount },
        });
        await app.show();
        app.say('The offer waits for the client.');
      }),
  });
}
