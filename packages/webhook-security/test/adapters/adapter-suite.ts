import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { payTabsReturnBody } from '../../src/testing/index.js';
import type { StartApp } from './apps/app-parts.js';
import { type Outgoing, send } from './send.js';
import { describeSockets } from './socket-suite.js';
import { SuiteApp } from './suite-app.js';
import {
  accepted,
  callback,
  handshakes,
  json,
  key,
  notice,
  refused,
  right,
} from './suite-requests.js';

export interface AdapterTraits {
  /** It is given `Headers`, which join two lines to one before anybody can see that there were two. */
  readonly isFetch?: boolean;
}

/** The same requests over real sockets for every adapter: same status, same reason. */
export function describeAdapter(
  name: string,
  startApp: StartApp,
  { isFetch = false }: AdapterTraits = {},
): void {
  describe(`${name} adapter`, () => {
    const app = new SuiteApp(startApp);
    beforeAll(() => app.begin());
    afterAll(() => app.close());
    beforeEach(() => app.reset());

    it.each(refused)('refuses %s', async (_name, outgoing, status, usual) => {
      const reason = isFetch && usual === 'header-duplicate' ? 'header-malformed' : usual;
      expect(await send(app.origin, outgoing)).toEqual({ status, body: { reason } });
      expect(app.handled).toEqual([]);
      expect(app.events).toMatchObject([{ event: 'refused', reason, status }]);
    });

    it.each(accepted)('accepts %s', async (_name, outgoing, clientAddress = '127.0.0.1') => {
      const answer = await send(app.origin, outgoing);
      expect(answer).toEqual({ status: 200, body: { received: true } });
      expect(app.handled).toHaveLength(1);
      expect(app.events).toMatchObject([{ event: 'accepted', clientAddress }]);
    });

    it.each(handshakes)('answers a handshake %s', async (_name, outgoing, status, body) => {
      expect(await send(app.origin, outgoing)).toEqual({ status, body });
    });

    it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'])('takes no %s', async (method) => {
      const answer = await send(app.origin, { ...right, method });
      expect(answer.status).toBe(404);
      expect(app.handled).toEqual([]);
    });

    it('gives the handler the verdict with the payload of the schema', async () => {
      await send(app.origin, right);
      expect(app.handled[0]).toMatchObject({
        verdict: 'accepted',
        stale: false,
        deliveryId: '98765:TST2625600001234:A',
        payload: { tran_ref: 'TST2625600001234' },
      });
    });

    it('answers a repeat 200 and does not run the handler again', async () => {
      await send(app.origin, right);
      expect(await send(app.origin, right)).toEqual({ status: 200, body: { reason: 'replay' } });
      expect(app.handled).toHaveLength(1);
      expect(app.events.map(({ event }) => event)).toEqual(['accepted', 'replayed']);
    });

    it('answers a repeat 409 where the scheme or the option says so', async () => {
      const delivery = handshakes.find(([one]) => one.startsWith('no more'))?.[1] as Outgoing;
      expect((await send(app.origin, delivery)).status).toBe(200);
      expect(await send(app.origin, delivery)).toEqual({ status: 409, body: { reason: 'replay' } });
    });

    it('takes the retry after the handler failed', async () => {
      app.handle = () => {
        throw new Error('the database is down');
      };
      expect((await send(app.origin, right)).status).toBe(500);
      app.handle = () => Promise.reject(new Error('the database is down, said late'));
      expect((await send(app.origin, right)).status).toBe(500);
      app.handle = () => ({ received: true });
      expect((await send(app.origin, right)).status).toBe(200);
      expect(app.handled).toHaveLength(3);
    });

    it('takes the retry after the payload was refused', async () => {
      await send(app.origin, callback('{"tran_ref":7}'));
      expect((await send(app.origin, callback('{"tran_ref":7}'))).body).toEqual({
        reason: 'payload-invalid',
      });
    });

    it('runs the handler once for fifty copies at a time', async () => {
      const finish = app.holdHandler();
      const answers = Array.from({ length: 50 }, () => send(app.origin, right));
      await expect.poll(() => app.events.length).toBe(50);
      finish();
      const statuses = (await Promise.all(answers)).map(({ status }) => status);
      expect(app.handled).toHaveLength(1);
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(statuses.filter((status) => status === 409)).toHaveLength(49);
    });

    it('marks an old notice as stale and answers it all the same', async () => {
      const old = callback(notice.replace('T08:15:30Z', 'T07:15:30Z'));
      expect((await send(app.origin, old)).status).toBe(200);
      expect(app.handled[0]).toMatchObject({ stale: true, staleness: 'old' });
    });

    it('leaves the other routes their parsed bodies', async () => {
      const echo = { path: '/echo', headers: [json], body: Buffer.from('{"a":[1]}') };
      expect((await send(app.origin, echo)).body).toEqual({ type: 'object', body: { a: [1] } });
      const broken = { ...echo, body: Buffer.from('{"a":') };
      expect((await send(app.origin, broken)).status).toBe(400);
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

      it.each([false, true])(
        'accepts it as the browser posts it, in chunks: %s',
        async (chunked) => {
          const outgoing = { ...form(payTabsReturnBody(fields, key)), chunked };
          const { token: _empty, ...kept } = fields;
          expect(await send(app.origin, outgoing)).toEqual({ status: 200, body: kept });
        },
      );

      it('lets the application answer a refusal itself', async () => {
        const changed = payTabsReturnBody(fields, key)
          .toString()
          .replace('respStatus=D', 'respStatus=A');
        const answer = await send(app.origin, form(Buffer.from(changed)));
        expect(answer).toEqual({ status: 200, body: { refused: 'signature' } });
        const failed = form(Buffer.from('respStatus=E&cartId=1&signature='));
        expect((await send(app.origin, failed)).body).toEqual({ refused: 'unsigned-error' });
        const mixed = { ...form(Buffer.from(changed)), headers: [json] };
        expect((await send(app.origin, mixed)).body).toEqual({ refused: 'content-type' });
      });
    });

    describeSockets(app);
  });

  describe(`${name} adapter, with answers kept`, () => {
    const app = new SuiteApp(startApp, { keepAnswers: true });
    beforeAll(() => app.begin());
    afterAll(() => app.close());

    it('gives a repeat the first answer', async () => {
      app.handle = () => ({ stored: 7, text: 'é' });
      const first = await send(app.origin, right);
      expect(first).toEqual({ status: 200, body: { stored: 7, text: 'é' } });
      app.handle = () => ({ stored: 8 });
      expect(await send(app.origin, right)).toEqual(first);
      expect(app.handled).toHaveLength(1);
    });
  });

  // The body of a `Request` gives bytes, whatever is done to it.
  describe.runIf(!isFetch)(`${name} adapter, behind something that decodes`, () => {
    const app = new SuiteApp(startApp, { decode: true });
    beforeAll(() => app.begin());
    afterAll(() => app.close());
    beforeEach(() => app.reset());

    it.each([false, true])('refuses the body, in chunks: %s', async (chunked) => {
      // The connection is closed on unread bytes, so the answer may be lost on its way.
      expect([500, 0]).toContain((await send(app.origin, { ...right, chunked })).status);
      expect(app.events).toMatchObject([{ event: 'refused', reason: 'body-not-raw', status: 500 }]);
      expect(app.handled).toEqual([]);
    });
  });
}
