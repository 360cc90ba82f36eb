import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { call, cardDetails, customer, sale, startGateway } from './simulator-wire.js';

/** Values that clients send by mistake. */
const oddity = fc.oneof(
  fc.constantFrom<unknown>(null, true, '', 'x', '0', 0, -1, 1e21, 0.001, [], {}, [null], [[1]]),
  fc.jsonValue({ maxDepth: 2 }),
);

const fields = [
  'tran_type',
  'tran_class',
  'tran_ref',
  'cart_id',
  'cart_currency',
  'cart_amount',
  'cart_description',
  'callback',
  'return',
  'return_using_get',
  'customer_details',
  'shipping_details',
  'user_defined',
  'payment_methods',
  'paypage_lang',
  'paypage_ttl',
  'tokenise',
  'show_save_card',
  'token',
  'token_info',
  'payment_token',
  'apple_pay_token',
  'samsung_pay_token',
  'card_filter',
  'card_filter_title',
  'card_discounts',
  'donation_mode',
  'cart_min',
  'cart_max',
  'alt_currency',
  'invoice',
  'agreement',
  'plugin_info',
  'framed',
  'invoice_id',
  'paylink_id',
  'agreement_id',
  'link_title',
  'created_date_from',
  'pay_method',
  'invoice_currency',
  'invoice_total',
  'card',
  'key',
] as const;

const paths = [
  'request',
  'query',
  'token',
  'token/delete',
  'tokenise',
  'invoice/new',
  'invoice/status',
  'invoice/cancel',
  'invoice/paid',
  'invoice/search',
  'link/create',
  'link/update',
  'agreement/cancel',
  'info/valu/inquiry',
  'apm/sadad/ifs/request',
  'apm/sadad/ifs/inquiry',
] as const;

describe('any body', () => {
  it('is carried out or refused, and never breaks the simulator', async () => {
    const simulator = await startGateway({ duplicateGuard: 'off' });
    const odd = fc.dictionary(fc.constantFrom(...fields), oddity, { maxKeys: 4 });
    const oddCard = fc.dictionary(fc.constantFrom(...Object.keys(cardDetails)), oddity);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...paths),
        odd,
        fc.option(oddCard, { nil: undefined }),
        async (path, more, card) => {
          const means = card && { card_details: { ...cardDetails, ...card } };
          const send = sale({ customer_details: customer, ...means, ...more });
          const { status, reply } = await call(simulator, path, { send });
          expect([200, 400, 401]).toContain(status);
          if (typeof reply.redirect_url === 'string') {
            // Throws when a page is not there, or does not take its own form.
            await simulator.pay(reply.redirect_url, { closeTab: true });
          }
          if (status === 200) return;
          expect(reply.code ?? reply.errorCode).toBeGreaterThan(0);
          expect(reply.trace).toMatch(/^PMNT/);
        },
      ),
      { numRuns: 1500, seed: 20_261_128 },
    );
  });
});
