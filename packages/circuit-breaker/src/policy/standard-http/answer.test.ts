import { describe, expect, it, vi } from 'vitest';
import { flush } from '../../../test/support/deferred.js';
import { discard, isTrouble, retryAfterMsOf, statusOf } from './answer.js';

const trap = new Proxy(
  {},
  {
    get: () => {
      throw new Error('a trap');
    },
  },
);

describe('the status of an answer', () => {
  it.each<[what: string, answer: unknown, status: number | undefined]>([
    ['what fetch gives', new Response(null, { status: 204 }), 204],
    ['what undici gives', { statusCode: 503, headers: {} }, 503],
    ['text', { status: 'ok' }, undefined],
    ['nothing', undefined, undefined],
    ['null', null, undefined],
    ['a number', 200, undefined],
    ['a trap', trap, undefined],
  ])('is read from %s', (_what, answer, status) => {
    expect(statusOf(answer)).toBe(status);
  });

  it('speaks of trouble from 500 on, at 408 and at 429', () => {
    const statuses = Array.from({ length: 500 }, (_, n) => 100 + n);
    const trouble = statuses.filter(isTrouble);
    expect(trouble.slice(0, 3)).toEqual([408, 429, 500]);
    expect(trouble).toHaveLength(102);
  });
});

describe('Retry-After', () => {
  const clock = { wallTime: () => Date.UTC(2026, 0, 1) };
  const of = (headers: object | undefined) => retryAfterMsOf({ status: 503, headers }, clock);

  it.each<[what: string, text: string, ms: number | undefined]>([
    ['seconds', '120', 120_000],
    ['no time', '0', 0],
    ['seconds with space around', ' 7 ', 7000],
    ['a date', 'Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['a date of the old form', 'Thursday, 01-Jan-26 00:00:30 GMT', 30_000],
    ['a date in the past', 'Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['parts of a second', '1.5', undefined],
    ['less than nothing', '-5', undefined],
    ['more digits than any time has', '12345678901', undefined],
    ['a word', 'soon', undefined],
    ['a month after a number', '5 January 2027', undefined],
    ['nothing', '', undefined],
  ])('may give %s', (_what, text, ms) => {
    expect(of(new Headers({ 'Retry-After': text }))).toBe(ms);
    expect(of({ 'retry-after': text })).toBe(ms);
    expect(of({ 'retry-after': [text, '9'] })).toBe(ms);
  });

  it('as a date is compared with the clock of who sent it, if it says its time', () => {
    const headers = {
      'retry-after': 'Fri, 02 Jan 2026 00:00:05 GMT',
      date: 'Fri, 02 Jan 2026 00:00:00 GMT',
    };
    expect(of(headers)).toBe(5000);
    expect(of({ ...headers, date: 'yesterday' })).toBe(86_405_000);
  });

  it.each<[what: string, headers: unknown]>([
    ['no headers', undefined],
    ['null', null],
    ['a trap', trap],
    ['a number', { 'retry-after': 5 }],
    ['a header that is not there', new Headers()],
  ])('is nothing in %s', (_what, headers) => {
    expect(of(headers as object)).toBeUndefined();
  });

  it('is nothing where the clock throws, and in what is no answer', () => {
    const broken = {
      wallTime: () => {
        throw new Error('no time');
      },
    };
    const answer = { headers: { 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' } };
    expect(retryAfterMsOf(answer, broken)).toBeUndefined();
    expect(retryAfterMsOf(undefined, clock)).toBeUndefined();
  });
});

describe('a body that nobody will read', () => {
  it('is cancelled, or dumped where it can be', () => {
    const cancel = vi.fn(async () => {});
    const dump = vi.fn(async () => {});
    discard({ body: { cancel } });
    discard({ body: { cancel, dump } });
    expect(cancel).toHaveBeenCalledTimes(1);
    expect(dump).toHaveBeenCalledTimes(1);
  });

  it('of fetch is cancelled, so that its source is told', async () => {
    const cancelled = vi.fn();
    const body = new ReadableStream({ cancel: cancelled });
    discard(new Response(body));
    await flush();
    expect(cancelled).toHaveBeenCalledTimes(1);
  });

  it('is left alone where someone reads it', async () => {
    const answer = new Response(new ReadableStream());
    answer.body?.getReader();
    discard(answer);
    await flush();
    expect(answer.body?.locked).toBe(true);
  });

  it.each<[what: string, answer: unknown]>([
    ['nothing', undefined],
    ['an answer without a body', new Response(null)],
    ['a body that is text', { body: 'text' }],
    ['a body that is null', { body: null }],
    ['ways that are none', { body: { dump: 'now', cancel: 'now' } }],
    ['a trap', trap],
    ['a body that is a trap', { body: trap }],
    ['a body that throws', { body: { cancel: vi.fn().mockRejectedValue(new Error('no')) } }],
    [
      'a body that throws at once',
      {
        body: {
          dump: () => {
            throw new Error('no');
          },
        },
      },
    ],
  ])('harms nobody in %s', async (_what, answer) => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    expect(() => discard(answer)).not.toThrow();
    await flush();
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});
