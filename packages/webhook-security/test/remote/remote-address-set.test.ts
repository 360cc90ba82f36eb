import { describe, expect, it } from 'vitest';
import { type AddressListEvent, createRemoteAddressSet } from '../../src/remote/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { callback, verifierWith } from '../requests.js';
import { serve, text } from './server.js';

const url = 'https://example.com/ips.txt';
const four = '192.0.2.0/24\n# a comment\n203.0.113.7 # one\n\n2001:db8::/32\n198.51.100.1\n';

describe('a list of addresses from elsewhere', () => {
  const setUp = async (options = {}) => {
    const clock = new ManualClock();
    const events: AddressListEvent[] = [];
    const server = await serve(text(four, '"1"'));
    const set = createRemoteAddressSet({
      url,
      clock,
      fetch: server.fetch,
      observer: (event) => events.push(event),
      ...options,
    });
    return { ...server, clock, events, set };
  };

  it('lets nobody in before it has come, then those it names', async () => {
    const { set, events } = await setUp();
    const verifier = verifierWith({ allow: set });
    expect(await verifier.verify(callback())).toMatchObject({ reason: 'address-refused' });
    await set.load();
    expect(await verifier.verify(callback())).toMatchObject({ verdict: 'accepted' });
    expect([set.has('192.0.2.9'), set.has('192.0.3.9'), set.size]).toEqual([true, false, 4]);
    expect(events).toEqual([{ event: 'changed', before: 0, after: 4 }]);
    set.close();
  });

  it('asks again with what it has, and goes on where nothing changed', async () => {
    const { set, clock, asked, events } = await setUp({ refreshMs: 60_000 });
    await set.load();
    clock.advance(60_000);
    await expect.poll(() => asked.length).toBe(2);
    expect(asked.map(({ etag }) => etag)).toEqual([undefined, '"1"']);
    await expect.poll(() => clock.pendingTimers).toBe(1);
    expect(events).toHaveLength(1);
    set.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it('takes a list that has changed', async () => {
    const { set, answerWith } = await setUp();
    await set.load();
    answerWith(text('192.0.2.0/24\n203.0.113.8\n198.51.100.2\n', '"2"'));
    await set.load();
    expect([set.has('203.0.113.7'), set.has('203.0.113.8')]).toEqual([false, true]);
    set.close();
  });

  it.each([
    ['empty', '# nothing\n', /is empty/],
    ['suddenly much shorter', '203.0.113.9\n', /has 1 entries where 4 are in force/],
    ['unreadable', '<html>', /cannot be read as a list/],
    ['with one bad line', `${four}010.0.0.1\n`, /cannot be read as a list/],
  ])('keeps the last good one where the next is %s', async (_name, body, message) => {
    const { set, answerWith, events } = await setUp();
    await set.load();
    answerWith(text(body));
    await expect(set.load()).rejects.toThrow(message);
    await expect(set.load()).rejects.toMatchObject({ code: 'REMOTE_REFUSED' });
    expect([set.has('203.0.113.7'), set.size]).toEqual([true, 4]);
    expect(events.at(-1)).toMatchObject({ event: 'kept', size: 4 });
    set.close();
  });

  it.each<[string, Parameters<typeof serve>[0], RegExp]>([
    [
      'answers with an error',
      (_request, response) => response.writeHead(503).end(),
      /answered 503/,
    ],
    [
      'leads elsewhere',
      (request, response) =>
        request.url === '/other'
          ? response.end(four)
          : response.writeHead(302, { location: '/other' }).end(),
      /answered 302/,
    ],
    [
      'answers with too much',
      (_request, response) => response.end('1'.repeat(200)),
      /more than 100 bytes/,
    ],
    ['closes the connection', (request) => request.socket.destroy(), /request failed/],
  ])('keeps the last good one where the address %s', async (_name, answer, message) => {
    const { set, answerWith } = await setUp({ maxBytes: 100 });
    await set.load();
    answerWith(answer);
    await expect(set.load()).rejects.toThrow(message);
    await expect(set.load()).rejects.toMatchObject({ code: 'REMOTE_FAILED' });
    expect(set.has('203.0.113.7')).toBe(true);
    set.close();
  });

  it('gives up an answer that does not come, and tries again later', async () => {
    const { set, clock, answerWith, asked } = await setUp({ timeoutMs: 1_000, refreshMs: 5_000 });
    answerWith(() => {});
    const loading = set.load();
    await expect.poll(() => asked.length).toBe(1);
    clock.advance(1_000);
    await expect(loading).rejects.toThrow(/no answer within 1000 ms/);
    answerWith(text(four));
    clock.advance(5_000);
    await expect.poll(() => set.size).toBe(4);
    set.close();
  });

  it('is loaded once at a time, and not at all after it was closed', async () => {
    const { set, clock, asked } = await setUp({ refreshMs: 5_000 });
    await Promise.all([set.load(), set.load()]);
    expect([asked.length, clock.pendingTimers]).toEqual([1, 1]);
    await set.load();
    expect([asked.length, clock.pendingTimers]).toEqual([2, 1]);
    set.close();
    expect(clock.pendingTimers).toBe(0);
    clock.advance(60_000);
    expect(asked).toHaveLength(2);
  });

  it('reads lists of any form, and begins with one of yours', async () => {
    const { set, answerWith } = await setUp({
      initial: ['203.0.113.7'],
      read: (body: string) => (JSON.parse(body) as { hooks: string[] }).hooks,
    });
    expect(set.has('203.0.113.7')).toBe(true);
    answerWith(text('{"hooks":["192.0.2.0/24"]}'));
    await set.load();
    expect([set.has('203.0.113.7'), set.has('192.0.2.1')]).toEqual([false, true]);
    set.close();
  });

  it('is not disturbed by whoever listens', async () => {
    const { set } = await setUp({
      observer: () => {
        throw new Error('mine');
      },
    });
    await set.load();
    expect(set.size).toBe(4);
    set.close();
  });

  it.each<[object, RegExp]>([
    [{ url: 'http://example.com/' }, /^url is a text/],
    [{ url: 7 }, /^url is 7/],
    [{ refreshMs: 1 }, /^refreshMs is 1/],
    [{ leastShare: 2 }, /^leastShare is 2/],
    [{ initial: ['010.0.0.1'] }, /^initial\[0\]/],
    [{ read: 7 }, /^read is 7/],
    [{ fetch: 7 }, /^fetch is 7/],
    [{ every: 1 }, /^every is unknown/],
  ])('refuses the option %j', (wrong, message) => {
    expect(() => createRemoteAddressSet({ url, ...wrong })).toThrow(message);
  });
});
