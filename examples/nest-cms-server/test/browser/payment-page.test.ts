import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD } from '../support/api.js';
import { type House, makeDeal, settled, startHouse } from '../support/house.js';
import { chromiumPath, launchChromium, whyNoBrowser } from './chromium.js';

// It is no part of the set-up, and none is downloaded.
describe.skipIf(chromiumPath === undefined)(`the page in a browser${whyNoBrowser}`, () => {
  let house: House;
  let browser: Browser;
  const complaints: string[] = [];

  beforeAll(async () => {
    house = await startHouse();
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  async function openPage(email: string): Promise<Page> {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    await page.goto(house.server.url);
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Contracts' }).waitFor();
    return page;
  }

  it('leads an employee and a client from an invoice to a confirmed payment', async () => {
    const deal = await makeDeal(house.server);
    const [employee, client] = await Promise.all(
      [deal.employee, deal.client].map(async (api) => {
        const { body } = await api.get<{ email: string }>('/api/v2/users/me');
        return openPage(body.email);
      }),
    );
    if (!employee || !client) throw new Error('Two pages were asked for');

    const open = `Open ${deal.contract.title}`;
    await employee.getByRole('button', { name: open }).click();
    await employee.getByLabel('What for').fill('Planting');
    await employee.getByLabel('Amount in AED').fill('149.50');
    await employee.getByRole('button', { name: 'Make the invoice' }).click();
    await employee.getByText('The invoice waits for the client.').waitFor();

    await client.getByRole('button', { name: open }).click();
    await client.getByRole('button', { name: 'Pay Planting' }).click();
    await client.waitForURL((url) => url.origin !== house.server.url);
    await client.getByLabel(/card number/i).fill('4111111111111111');
    await client.getByLabel(/cvv|security code/i).fill('123');
    await client.getByRole('button', { name: /^pay/i }).click();

    await client.waitForURL((url) => url.searchParams.has('payment'));
    await client.locator('#payment-status', { hasText: 'paid' }).waitFor();
    await settled(house.server);
    await client.getByRole('button', { name: 'Back to the contract' }).click();
    await client.getByRole('heading', { name: 'Invoices' }).waitFor();
    expect(await client.locator('#cache').textContent()).toMatch(/HIT|MISS/);
    expect(await client.getByRole('cell', { name: 'AED 149.50' }).count()).toBeGreaterThan(0);
    expect(complaints).toEqual([]);
  });

  it('says why somebody could not sign in', async () => {
    const page = await browser.newPage();
    await page.goto(house.server.url);
    await page.getByLabel('E-mail').fill('nobody@example.com');
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('#message.bad').waitFor();
    expect(await page.locator('#message').textContent()).not.toBe('');
    await page.close();
  });
});
