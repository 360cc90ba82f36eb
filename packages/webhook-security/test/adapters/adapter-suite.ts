import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type AcceptedVerdict,
  createMemoryReplayStore,
  createWebhookVerifier,
  payTabsCallback,
  payTabsReturn,
  type WebhookEvent,
  type WebhookVerifier,
} from '../../src/index.js';
import { ManualClock, payTabsReturnBody, signPayTabsCallback } from '../../src/testing/index.js';
import { type Outgoing, send } from './send.js';

const key = 'SZJNT3ST01-J6KD9M2PQR-WTHVBN7XYZ';

/** The application an adapter's test starts. */
export interface AppParts {
  /** At POST /hook; what it returns is the answer. */
  readonly hook: WebhookVerifier<Notice>;
  readonly handle: (verdict: AcceptedVerdict<Notice>) => unknown;
  /** Has something before the webhook decode what comes in, with `setEncoding`. */
  readonly decode: boolean;
  /** At POST /return; answers 200 with the fields, or with the reason whatever was refused. */
  readonly back: WebhookVerifier;
}

/** POST /echo answers `{ type: typeof body, body }` of the parsed JSON body. */
export type StartApp = (
  parts: AppParts,
) => Promise<{ readonly origin: string; readonly close: () => Promise<void> }>;

const noticeSchema = z.looseObject({ tran_ref: z.string() });
export type Notice = z.infer<typeof noticeSchema>;

const notice = JSON.stringify({
  tran_ref: 'TST2625600001234',
  profile_id: 98765,
  cart_description: 'Salt & <Pepper> \u0637\u0644\u0628',
  payment_result: { response_status: 'A', transaction_time: '2026-09-13T08:15:30Z' },
});

function callback(body: string | Buffer = notice, more: Partial<Outgoing> = {}): Outgoing {
  const bytes = Buffer.from(body);
  return {
    headers: [
      ['content-type', 'application/json'],
      ['Signature', signPayTabsCallback(bytes, key)],
    ],
    body: bytes,
    ...more,
  };
}

const right = callback();
const rightSignature = signPayTabsCallback(right.body, key);
const json = ['content-type', 'application/json'] as const;
const signed = ['signature', rightSignature] as const;

const refused: readonly [string, Outgoing, number, string][] = [
  [
    'signed with another key',
    { ...right, headers: [json, ['signature', signPayTabsCallback(right.body, `${key}x`)]] },
    401,
    'signature',
  ],
  [
    'one byte changed',
    { ...right, body: Buffer.from(notice.replace('"A"', '"D"')) },
    401,
    'signature',
  ],
  [
    'serialised again',
    { ...right, body: Buffer.from(JSON.stringify(JSON.parse(notice), null, 2)) },
    401,
    'signature',
  ],
  [
    'a byte order mark put before',
    { ...right, body: Buffer.from(`\uFEFF${notice}`) },
    401,
    'signature',
  ],
  ['a body that is no JSON, unsigned', { ...right, body: Buffer.from('<html>') }, 401, 'signature'],
  ['no signature', { ...right, headers: [json] }, 401, 'header-missing'],
  ['an empty signature', { ...right, headers: [json, ['signature', '']] }, 401, 'header-missing'],
  ['two signatures', { ...right, headers: [json, signed, signed] }, 401, 'header-duplicate'],
  [
    'two signatures in other letter case',
    { ...right, headers: [json, signed, ['SIGNATURE', rightSignature]] },
    401,
    'header-duplicate',
  ],
  [
    'two signatures in one line',
    { ...right, headers: [json, ['signature', `${rightSignature}, ${rightSignature}`]] },
    401,
    'header-malformed',
  ],
  [
    'an upper-case signature',
    { ...right, headers: [json, ['signature', rightSignature.toUpperCase()]] },
    401,
    'header-malformed',
  ],
  [
    'a short signature',
    { ...right, headers: [json, ['signature', rightSignature.slice(1)]] },
    401,
    'header-malformed',
  ],
  [
    'another content type',
    { ...right, headers: [['content-type', 'text/plain'], signed] },
    415,
    'content-type',
  ],
  [
    'a form',
    { ...right, headers: [['content-type', 'application/x-www-form-urlencoded'], signed] },
    415,
    'content-type',
  ],
  [
    'an unreadable content type',
    { ...right, headers: [['content-type', 'json'], signed] },
    415,
    'content-type',
  ],
  ['two content types', { ...right, headers: [json, json, signed] }, 415, 'content-type'],
  [
    'a content encoding',
    { ...right, headers: [json, signed, ['content-encoding', 'gzip']] },
    415,
    'content-encoding',
  ],
  ['an empty body, rightly signed', callback(''), 400, 'body-empty'],
  [
    'an empty body without content type',
    { ...callback(''), headers: [['signature', signPayTabsCallback(Buffer.alloc(0), key)]] },
    400,
    'body-empty',
  ],
  ['too many bytes', callback('x'.repeat(3_000)), 413, 'body-too-large'],
  [
    'too many bytes in chunks',
    callback('x'.repeat(3_000), { chunked: true }),
    413,
    'body-too-large',
  ],
  ['rightly signed, no JSON', callback('{"tran_ref":'), 400, 'payload-malformed'],
  ['rightly signed, no UTF-8', callback(Buffer.from([0x22, 0xe9, 0x22])), 400, 'payload-malformed'],
  ['rightly signed, not of the schema', callback('{"tran_ref":7}'), 422, 'payload-invalid'],
];

const accepted: readonly [string, Outgoing][] = [
  ['as PayTabs sends it', right],
  ['in chunks', { ...right, chunked: true }],
  [
    'with a charset',
    { ...right, headers: [['content-type', 'Application/JSON; charset=utf-8'], signed] },
  ],
  ['without a content type', { ...right, headers: [signed] }],
  ['with a trailing newline', callback(`${notice}\n`)],
  [
    'with a field named __proto__',
    callback('{"tran_ref":"T1","__proto__":{"a":1},"constructor":{"prototype":1}}'),
  ],
  [
    'up to the last byte allowed',
    callback(`${notice}${' '.repeat(2_000 - Buffer.byteLength(notice))}`),
  ],
  ['with a query in the URL', { ...right, path: '/hook?x=1' }],
];

/** The same requests over real sockets for every adapter: same status, same reason. */
export function describeAdapter(
  name: string,
  startApp: StartApp,
  { isFetch = false }: { readonly isFetch?: boolean } = {},
): void {
  describe(`${name} adapter`, () => {
    let origin = '';
    let close = async () => {};
    let events: WebhookEvent[] = [];
    let handled: AcceptedVerdict<Notice>[] = [];
    let handle: (verdict: AcceptedVerdict<Notice>) => unknown = () => ({ received: true });

    const begin = async (decode: boolean, keepAnswers = false) => {
      events = [];
      handled = [];
      handle = () => ({ received: true });
      const clock = new ManualClock({ wallTime: Date.UTC(2026, 8, 13, 8, 20) });
      const shared = { keys: [key], clock, observer: (event: WebhookEvent) => events.push(event) };
      ({ origin, close } = await startApp({
        hook: createWebhookVerifier({
          ...shared,
          scheme: payTabsCallback(),
          maxBytes: 2_000,
          payload: noticeSchema,
          replay: { store: createMemoryReplayStore({ clock }), keepAnswers },
        }),
        back: createWebhookVerifier({ ...shared, scheme: payTabsReturn() }),
        decode,
        handle: (verdict) => {
          handled.push(verdict);
          return handle(verdict);
        },
      }));
    };
    beforeEach(() => begin(false));
    afterEach(() => close());

    it.each(refused)('refuses %s', async (_name, outgoing, status, usual) => {
      const reason = isFetch && usual === 'header-duplicate' ? 'header-malformed' : usual;
      expect(await send(origin, outgoing)).toEqual({ status, body: { reason } });
      expect(handled).toEqual([]);
      expect(events).toMatchObject([{ event: 'refused', reason, status }]);
    });

    it.each(accepted)('accepts %s', async (_name, outgoing) => {
      const answer = await send(origin, outgoing);
      expect(answer).toEqual({ status: 200, body: { received: true } });
      expect(handled).toHaveLength(1);
      expect(events).toMatchObject([{ event: 'accepted', clientAddress: '127.0.0.1' }]);
    });

    it('gives the handler the verdict with the payload of the schema', async () => {
      await send(origin, right);
      expect(handled[0]).toMatchObject({
        verdict: 'accepted',
        stale: false,
        deliveryId: '98765:TST2625600001234:A',
        payload: { tran_ref: 'TST2625600001234' },
      });
    });

    it('answers a repeat 200 and does not run the handler again', async () => {
      await send(origin, right);
      expect(await send(origin, right)).toEqual({ status: 200, body: { reason: 'replay' } });
      expect(handled).toHaveLength(1);
      expect(events.map(({ event }) => event)).toEqual(['accepted', 'replayed']);
    });

    it('gives a repeat the first answer, where that is kept', async () => {
      await close();
      await begin(false, true);
      handle = () => ({ stored: 7, text: 'é' });
      const first = await send(origin, right);
      expect(first).toEqual({ status: 200, body: { stored: 7, text: 'é' } });
      handle = () => ({ stored: 8 });
      expect(await send(origin, right)).toEqual(first);
      expect(handled).toHaveLength(1);
    });

    it('takes the retry after the handler failed', async () => {
      handle = () => {
        throw new Error('the database is down');
      };
      expect((await send(origin, right)).status).toBe(500);
      handle = () => ({ received: true });
      expect((await send(origin, right)).status).toBe(200);
      expect(handled).toHaveLength(2);
    });

    it('takes the retry after the payload was refused', async () => {
      await send(origin, callback('{"tran_ref":7}'));
      expect((await send(origin, callback('{"tran_ref":7}'))).body).toEqual({
        reason: 'payload-invalid',
      });
    });

    it('runs the handler once for fifty copies at a time', async () => {
      let finish = () => {};
      const held = new Promise<void>((resolve) => {
        finish = resolve;
      });
      handle = async () => {
        await held;
        return { received: true };
      };
      const answers = Array.from({ length: 50 }, () => send(origin, right));
      await expect.poll(() => events.length).toBe(50);
      finish();
      const statuses = (await Promise.all(answers)).map(({ status }) => status);
      expect(handled).toHaveLength(1);
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(statuses.filter((status) => status === 409)).toHaveLength(49);
    });

    it('marks an old notice as stale and answers it all the same', async () => {
      const old = callback(notice.replace('T08:15:30Z', 'T07:15:30Z'));
      expect((await send(origin, old)).status).toBe(200);
      expect(handled[0]).toMatchObject({ stale: true, staleness: 'old' });
    });

    it('survives a sender that goes away in the middle of the body', async () => {
      const socket = connect(Number(new URL(origin).port), '127.0.0.1');
      await once(socket, 'connect');
      socket.write('POST /hook HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"tran');
      await new Promise((resolve) => setImmediate(resolve));
      socket.destroy();
      expect((await send(origin, right)).status).toBe(200);
    });

    it('stops reading a sender that does not stop', async () => {
      const endless = callback('x'.repeat(8_000_000), { chunked: true });
      // The connection is closed on unread bytes, so the answer may be lost on its way.
      expect([413, 0]).toContain((await send(origin, endless)).status);
      expect(events).toMatchObject([{ event: 'refused', reason: 'body-too-large' }]);
      expect((await send(origin, right)).status).toBe(200);
    });

    it('closes the connection of a sender that announces too much', async () => {
      const socket = connect(Number(new URL(origin).port), '127.0.0.1');
      socket.write('POST /hook HTTP/1.1\r\nhost: x\r\ncontent-length: 2001\r\n\r\n');
      // Ends only when the server does, which without closing would wait for the body.
      expect(await text(socket)).toMatch(/^HTTP\/1\.1 413 .*body-too-large/s);
    });

    // The body of a `Request` gives bytes, whatever is done to it.
    it.runIf(!isFetch).each([false, true])(
      'refuses a body that something decoded before, in chunks: %s',
      async (chunked) => {
        await close();
        await begin(true);
        // The answer may be lost on its way, as above.
        expect([500, 0]).toContain((await send(origin, { ...right, chunked })).status);
        expect(events).toMatchObject([{ event: 'refused', reason: 'body-not-raw', status: 500 }]);
        expect(handled).toEqual([]);
      },
    );

    it('leaves the other routes their parsed bodies', async () => {
      const echo = { path: '/echo', headers: [json], body: Buffer.from('{"a":[1]}') };
      expect((await send(origin, echo)).body).toEqual({ type: 'object', body: { a: [1] } });
      const broken = { ...echo, body: Buffer.from('{"a":') };
      expect((await send(origin, broken)).status).toBe(400);
    });

    describe('with a form', () => {
      const fields = {
        cartId: 'A B+C',
        respStatus: 'D',
        respMessage: "Don't (really) ~ now!*",
        tranRef: 'TST1',
        token: '',
      };
      const form = (body: Buffer): Outgoing => ({
        path: '/return',
        headers: [['content-type', 'application/x-www-form-urlencoded']],
        body,
      });

      it('accepts it as the browser posts it', async () => {
        const answer = await send(origin, form(payTabsReturnBody(fields, key)));
        const { token: _empty, ...kept } = fields;
        expect(answer).toEqual({ status: 200, body: kept });
      });

      it('lets the application answer a refusal itself', async () => {
        const changed = payTabsReturnBody(fields, key)
          .toString()
          .replace('respStatus=D', 'respStatus=A');
        const answer = await send(origin, form(Buffer.from(changed)));
        expect(answer).toEqual({ status: 200, body: { refused: 'signature' } });
        const failed = form(Buffer.from('respStatus=E&cartId=1&signature='));
        expect((await send(origin, failed)).body).toEqual({ refused: 'unsigned-error' });
      });
    });
  });
}
