import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TourError } from '../tour/api.mjs';
import { tourSteps } from '../tour/steps.mjs';

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}
/** Changes the answer to one request, `POST /offers/create` for example; `time` counts from 1. */
type Spoil = (request: string, answer: Answer, time: number) => void;

const json = (body: unknown, status = 200, headers = {}): Answer => ({ status, headers, body });
const page = (form: string, url: string) =>
  json(
    `<p>AED 500.00</p><form id="${form}" method="post" action="${url}"><input name="a" value="b"></form>`,
  );

/** A server and a payment page that do what the tour expects, but for what is spoiled. */
async function startStub(spoil: Spoil): Promise<string> {
  const times = new Map<string, number>();
  const answerTo = (request: string, time: number): Answer => {
    switch (request) {
      case 'GET /health/ready':
        return json({});
      case 'POST /auth/login':
        return json({ accessToken: 't', user: { id: 'u' } });
      case 'POST /offers/create':
        return json({ id: 'o', status: 'review' }, 201);
      case 'POST /offers/accept':
        return json({ status: 'accepted' });
      case 'POST /contracts/create':
        return json({ id: 'c', status: 'active', amount: { minor: 250_000 } }, 201);
      case 'GET /contracts/c': {
        const payments = [{ id: 'p', status: time > 2 ? 'paid' : 'created' }];
        return json({ payments }, 200, { 'x-cache': time === 2 ? 'HIT' : 'MISS' });
      }
      case 'POST /payments/create':
        return json({ id: 'p', status: 'created' }, 201);
      case 'POST /payments/process/p':
        return json({ payment: { status: 'processing' }, redirectUrl: `${url}/page` });
      case 'GET /page':
        return page('card', `${url}/page`);
      case 'POST /page':
        return page('return', `${url}/return`);
      case 'POST /return':
        return json('', 303, { location: '/#payment=p' });
      case 'GET /payments/p':
        return json({ status: 'paid', tranRef: 'TST1' });
      default:
        return json({ detail: request }, 404);
    }
  };
  const server = createServer((incoming: IncomingMessage, response: ServerResponse) => {
    incoming.resume();
    const request = `${incoming.method} ${incoming.url?.replace('/api/v2', '')}`;
    const time = (times.get(request) ?? 0) + 1;
    times.set(request, time);
    const answer = answerTo(request, time);
    spoil(request, answer, time);
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    response.writeHead(answer.status, answer.headers).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return url;
}

/** Number and reason of the step that fails; undefined when none does. */
async function walk(spoil: Spoil): Promise<{ step: number; reason: string } | undefined> {
  const login = { email: 'a@example.com', password: 'b' };
  const url = await startStub(spoil);
  const steps = tourSteps({ url, employee: login, client: login, card: undefined });
  for (const [index, { run }] of steps.entries()) {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof TourError)) throw error;
      return { step: index + 1, reason: error.message };
    }
  }
  return undefined;
}

const on =
  (request: string, change: (answer: Answer) => void, onlyTime?: number): Spoil =>
  (asked, answer, time) => {
    if (asked === request && (onlyTime ?? time) === time) change(answer);
  };
const body = (request: string, text: unknown, onlyTime?: number) =>
  on(request, (answer) => Object.assign(answer, { body: text }), onlyTime);
const status = (request: string, code: number) =>
  on(request, (answer) => Object.assign(answer, { status: code }));
const cache = (time: number, said: string) =>
  on('GET /contracts/c', ({ headers }) => Object.assign(headers, { 'x-cache': said }), time);

describe('the tour', () => {
  it('walks through where all is as it should be', async () => {
    expect(await walk(() => {})).toBeUndefined();
  });

  // Side by side: where an answer may still change, the tour waits for it.
  it.concurrent.each<[number, string, Spoil, RegExp]>([
    [1, 'is not ready', status('GET /health/ready', 503), /answered 503, not 200/],
    [2, 'gives no token', body('POST /auth/login', { user: { id: 'u' } }), /no token/],
    [2, 'refuses a login', status('POST /auth/login', 401), /answered 401/],
    [3, 'has the offer in another state', body('POST /offers/create', { status: 'new' }), /is new/],
    [
      4,
      'does not accept the offer',
      body('POST /offers/accept', { status: 'review' }),
      /not accepted/,
    ],
    [5, 'makes no contract', status('POST /contracts/create', 409), /answered 409, not 201/],
    [
      5,
      'makes it of another amount',
      body('POST /contracts/create', { status: 'active', amount: { minor: 25 } }),
      /another amount/,
    ],
    [6, 'has it cached before it was read', cache(1, 'HIT'), /x-cache is HIT, not MISS/],
    [
      6,
      'never caches it',
      on('GET /contracts/c', ({ headers }) => Object.assign(headers, { 'x-cache': 'MISS' })),
      /x-cache is MISS, not HIT/,
    ],
    [
      7,
      'makes a second payment of one key',
      body('POST /payments/create', { id: 'q', status: 'created' }, 2),
      /second payment/,
    ],
    [
      8,
      'names no page',
      body('POST /payments/process/p', { payment: { status: 'processing' } }),
      /no redirect URL/,
    ],
    [
      9,
      'shows another amount on the page',
      body('GET /page', 'AED 5.00'),
      /does not show AED 500.00/,
    ],
    [9, 'answers the return otherwise', status('POST /return', 200), /answered 200, not 303/],
    [
      9,
      'leads elsewhere',
      on('POST /return', ({ headers }) => Object.assign(headers, { location: '/' })),
      /does not name the payment/,
    ],
    [10, 'has it failed', body('GET /payments/p', { status: 'failed' }), /The payment is failed/],
    [
      11,
      'does not show it as paid',
      on('GET /contracts/c', (answer) => Object.assign(answer, { body: { payments: [] } })),
      /does not show the payment as paid/,
    ],
    [11, 'shows it from the cache', cache(3, 'HIT'), /x-cache is HIT, not MISS/],
  ])('fails at step %i when the server %s', async (step, _, spoil, reason) => {
    expect(await walk(spoil)).toEqual({ step, reason: expect.stringMatching(reason) });
  });
});
