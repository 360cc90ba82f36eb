import { expect, it } from 'vitest';
import { chromiumPath, launchChromium, whyNoBrowser } from './browser/chromium.js';
import { startServer } from './support/start-server.js';

it.skipIf(chromiumPath === undefined)(
  `the API page shows its routes in a browser without breaking the content security policy${whyNoBrowser}`,
  async () => {
    const server = await startServer();
    const browser = await launchChromium();
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    const foreign: string[] = [];
    page.on('request', (request) => {
      if (!/^(?:data|blob):/.test(request.url()) && !request.url().startsWith(server.url)) {
        foreign.push(request.url());
      }
    });
    await page.goto(`${server.url}/docs`);
    await page.getByText('/api/v2/auth/login').first().waitFor();
    expect({ complaints, foreign }).toEqual({ complaints: [], foreign: [] });
    await browser.close();
    await server.stop();
  },
  60_000,
);
