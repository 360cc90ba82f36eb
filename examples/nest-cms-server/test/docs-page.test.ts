import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { expect, it } from 'vitest';
import { startServer } from './support/start-server.js';

/** A browser is nothing to fetch for a test; where the system has none this one cannot run. */
const browserPath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (path) => path !== undefined && existsSync(path),
);
const why = browserPath === undefined ? ' (no Chromium found; name one by CHROMIUM)' : '';

it.skipIf(browserPath === undefined)(
  `the API page shows its routes in a browser without breaking the content security policy${why}`,
  async () => {
    const server = await startServer();
    const browser = await chromium.launch({
      executablePath: browserPath ?? '',
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    });
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
