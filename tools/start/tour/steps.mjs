// @ts-check
import { randomUUID } from 'node:crypto';
import { askUntil, call, expectThat } from './api.mjs';
import { payOnPage } from './hosted-page.mjs';

const PRICE = { minor: 250_000, currency: 'AED' };
const DEPOSIT = { minor: 50_000, currency: 'AED' };
const DEPOSIT_ON_PAGE = 'AED 500.00';
/** From the card to "paid": callback, query, transaction. */
const PAID_WITHIN_MS = 20_000;
const FRESH_WITHIN_MS = 10_000;

/**
 * @typedef {object} Tour
 * @property {string} url address of the server
 * @property {{ email: string, password: string }} employee
 * @property {{ email: string, password: string }} client
 * @property {string | undefined} card
 */

/**
 * What one step leaves for the next.
 * @typedef {object} Found
 * @property {string} employeeToken
 * @property {string} clientToken
 * @property {string} clientId
 * @property {string} offerId
 * @property {string} contractId
 * @property {string} paymentId
 * @property {string} redirectUrl
 */

/**
 * The steps in their order. Each gives a few words about what it saw, or throws.
 * @param {Tour} tour
 * @returns {{ name: string, run: () => Promise<string> }[]}
 */
export function tourSteps(tour) {
  const api = `${tour.url}/api/v2`;
  const found = /** @type {Found} */ ({});
  /** @param {{ email: string, password: string }} login */
  const signIn = async (login) => {
    const { body } = await call(`${api}/auth/login`, 'POST', { body: login });
    expectThat(body?.accessToken && body.user?.id, 'The answer holds no token.');
    return body;
  };
  const readContract = () =>
    call(`${api}/contracts/${found.contractId}`, 'GET', { token: found.clientToken });

  return [
    {
      name: 'the server is ready',
      async run() {
        await call(`${tour.url}/health/ready`, 'GET');
        return tour.url;
      },
    },
    {
      name: 'employee and client sign in',
      async run() {
        found.employeeToken = (await signIn(tour.employee)).accessToken;
        const client = await signIn(tour.client);
        found.clientToken = client.accessToken;
        found.clientId = client.user.id;
        return `${tour.employee.email}, ${tour.client.email}`;
      },
    },
    {
      name: 'the employee makes an offer',
      async run() {
        const { body } = await call(`${api}/offers/create`, 'POST', {
          token: found.employeeToken,
          expect: 201,
          body: {
            title: 'Reading corner',
            content: 'Shelves, a lamp and a good chair.',
            clientId: found.clientId,
            price: PRICE,
          },
        });
        expectThat(body?.status === 'review', `The offer is ${body?.status}, not in review.`);
        found.offerId = body.id;
        return `AED 2,500.00, ${body.status}`;
      },
    },
    {
      name: 'the client accepts it',
      async run() {
        const { body } = await call(`${api}/offers/accept`, 'POST', {
          token: found.clientToken,
          body: { offerId: found.offerId },
        });
        expectThat(body?.status === 'accepted', `The offer is ${body?.status}, not accepted.`);
        return body.status;
      },
    },
    {
      name: 'it becomes a contract',
      async run() {
        const { body } = await call(`${api}/contracts/create`, 'POST', {
          token: found.employeeToken,
          expect: 201,
          body: { offerId: found.offerId },
        });
        expectThat(body?.status === 'active', `The contract is ${body?.status}, not active.`);
        expectThat(body.amount?.minor === PRICE.minor, 'The contract has another amount.');
        found.contractId = body.id;
        return body.status;
      },
    },
    {
      name: 'its details are read: MISS, then HIT',
      async run() {
        const first = await readContract();
        expectCache(first, 'MISS');
        // News of the contract itself may still be dropping what the first read has stored.
        const second = await askUntil(
          readContract,
          ({ headers }) => headers.get('x-cache') === 'HIT',
          FRESH_WITHIN_MS,
        );
        expectCache(second, 'HIT');
        return `first from ${servedBy(first)}, then from ${second.headers.get('x-cache-source')}`;
      },
    },
    {
      name: 'the employee invoices a deposit, twice with one key',
      async run() {
        const request = {
          token: found.employeeToken,
          expect: 201,
          headers: { 'idempotency-key': randomUUID() },
          body: { contractId: found.contractId, title: 'Deposit', amount: DEPOSIT },
        };
        const { body } = await call(`${api}/payments/create`, 'POST', request);
        expectThat(body?.status === 'created', `The payment is ${body?.status}, not created.`);
        const again = await call(`${api}/payments/create`, 'POST', request);
        expectThat(again.body?.id === body.id, 'The same key made a second payment.');
        found.paymentId = body.id;
        return `AED 500.00, one payment`;
      },
    },
    {
      name: 'the client processes it to a payment page',
      async run() {
        const { body } = await call(`${api}/payments/process/${found.paymentId}`, 'POST', {
          token: found.clientToken,
          body: {},
        });
        expectThat(body?.payment?.status === 'processing', 'The payment is not processing.');
        expectThat(body.redirectUrl, 'The answer holds no redirect URL.');
        found.redirectUrl = body.redirectUrl;
        return new URL(found.redirectUrl).origin;
      },
    },
    {
      name: 'the client pays on the page and comes back',
      async run() {
        const { status, location } = await payOnPage(found.redirectUrl, {
          card: tour.card,
          showsAmount: DEPOSIT_ON_PAGE,
        });
        expectThat(status === 303, `The return was answered ${status}, not 303.`);
        expectThat(
          location?.includes(found.paymentId),
          `The return leads to ${location}, which does not name the payment.`,
        );
        return `303 to ${location}`;
      },
    },
    {
      name: 'the payment is paid',
      async run() {
        const { body } = await askUntil(
          () =>
            call(`${api}/payments/${found.paymentId}`, 'GET', {
              token: found.clientToken,
            }),
          (answer) => answer.body?.status !== 'processing',
          PAID_WITHIN_MS,
        );
        const last = body?.history?.at(-1)?.reason;
        expectThat(
          body?.status === 'paid',
          `The payment is ${body?.status}${last ? ` (${last})` : ''}.`,
        );
        return `transaction ${body.tranRef}`;
      },
    },
    {
      name: 'the contract is read anew: MISS with the payment',
      async run() {
        const paid = (/** @type {import('./api.mjs').Answer} */ { body }) =>
          body?.payments?.some(
            (/** @type {any} */ payment) =>
              payment.id === found.paymentId && payment.status === 'paid',
          );
        const answer = await askUntil(readContract, paid, FRESH_WITHIN_MS);
        expectThat(paid(answer), 'The contract does not show the payment as paid.');
        expectCache(answer, 'MISS');
        return `from ${servedBy(answer)}`;
      },
    },
  ];
}

/**
 * @param {import('./api.mjs').Answer} answer
 * @param {'HIT' | 'MISS'} wanted
 */
function expectCache({ headers }, wanted) {
  const seen = headers.get('x-cache');
  expectThat(seen === wanted, `x-cache is ${seen}, not ${wanted}.`);
}

/** @param {import('./api.mjs').Answer} answer */
const servedBy = ({ headers }) => headers.get('x-served-by') ?? 'an unnamed member';
