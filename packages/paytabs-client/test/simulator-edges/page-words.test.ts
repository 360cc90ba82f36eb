import { expect, it } from 'vitest';
import { ask, sale, startGateway } from '../simulator-wire.js';

/** Reads a page as a browser would, or sends its form. */
const visit = async (url: unknown, form?: Record<string, string>): Promise<string> => {
  const body = form && new URLSearchParams(form);
  const answer = await fetch(String(url), body && { method: 'POST', body });
  return answer.text();
};

it('the Arabic page shows what the merchant wrote in the direction of its own language', async () => {
  const simulator = await startGateway();
  const { redirect_url: url } = await ask(
    simulator,
    sale({ paypage_lang: 'ar', cart_id: 'row-5.', cart_description: 'Two tickets (row 5).' }),
  );
  const html = await visit(url);
  expect(html).toContain('<bdi>Two tickets (row 5).</bdi>');
  expect(html).toContain('<bdi>row-5.</bdi>');
});

it.each([
  ['cancel', {}, 'أُلغيت العملية'],
  ['pay', { number: '4111111111111111', cvv: '123' }, 'تمت الموافقة'],
  ['pay', { number: '4111111111111111', cvv: '999' }, 'رُفضت العملية'],
])('the Arabic page ends in Arabic after %s %j', async (action, card, end) => {
  const simulator = await startGateway();
  const { redirect_url: url } = await ask(simulator, sale({ paypage_lang: 'ar' }));
  const html = await visit(url, { ...card, expiryMonth: '12', expiryYear: '2039', action });
  expect(html).toContain(end);
  expect(html).not.toMatch(/>(Cancelled|Authorised|Card security)/);
});

it('the page tells a person who pays later the number to pay with', async () => {
  const simulator = await startGateway();
  const request = sale({ cart_currency: 'EGP' });
  const { redirect_url: url } = await ask(simulator, request);
  const html = await visit(url, { action: 'later:aman' });
  const [entry] = simulator.ledger();
  expect(html).toContain(`Pending: ${entry?.responseCode}`);
});
