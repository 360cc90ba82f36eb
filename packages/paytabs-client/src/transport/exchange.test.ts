import type { Dispatcher } from 'undici';
import { describe, expect, it } from 'vitest';
import { exchange, type Progress } from './exchange.js';

/** Starts an exchange on a dispatcher whose moments the test plays by hand. */
function start() {
  const progress: Progress = { sent: false };
  const caller = new AbortController();
  const aborts: string[] = [];
  let handler: Dispatcher.DispatchHandler = {};
  const controller = {
    aborted: false,
    paused: false,
    reason: null,
    abort: (reason: Error) => aborts.push(reason.message),
    pause: () => undefined,
    resume: () => undefined,
  } as unknown as Dispatcher.DispatchController;
  const work = exchange({
    dispatcher: {
      dispatch: (_, given) => {
        handler = given;
        return true;
      },
    },
    origin: 'https://gateway.example',
    method: 'POST',
    path: '/payment/request',
    headers: {},
    body: '{}',
    headersTimeoutMs: 1000,
    bodyTimeoutMs: 1000,
    maxReplyBytes: 10,
    wallTime: () => 0,
    progress,
    signal: caller.signal,
  });
  work.catch(() => undefined);
  return { work, handler, controller, progress, caller, aborts };
}

describe('an exchange', () => {
  it('counts as sent from the moment before the first byte, and not earlier', () => {
    const { handler, controller, progress } = start();
    expect(progress.sent).toBe(false);
    handler.onRequestStart?.(controller, null);
    expect(progress.sent).toBe(true);
  });

  it('that was aborted while it waited for a connection is never sent', async () => {
    const { work, handler, controller, progress, caller, aborts } = start();
    caller.abort();
    await expect(work).rejects.toMatchObject({ name: 'TransportError' });
    handler.onRequestStart?.(controller, null);
    expect(progress.sent).toBe(false);
    expect(aborts).toHaveLength(1);
  });

  it('refuses to be sent a second time by what lies beneath', () => {
    const { handler, controller, aborts } = start();
    handler.onRequestStart?.(controller, null);
    expect(aborts).toEqual([]);
    handler.onRequestStart?.(controller, null);
    expect(aborts).toEqual(['The connection wanted to send the request again']);
  });

  it('stops reading at its limit', () => {
    const { handler, controller, aborts } = start();
    handler.onRequestStart?.(controller, null);
    handler.onResponseStart?.(controller, 200, {});
    handler.onResponseData?.(controller, Buffer.alloc(10));
    expect(aborts).toEqual([]);
    handler.onResponseData?.(controller, Buffer.alloc(1));
    expect(aborts).toEqual(['The reply is larger than 10 bytes']);
  });

  it('keeps of an error its code and message alone', async () => {
    const { work, handler, controller } = start();
    const error = Object.assign(new Error('Parse error'), { code: 'HPE_INVALID', data: 'secret' });
    handler.onResponseError?.(controller, error);
    await expect(work).rejects.toEqual(expect.objectContaining({ code: 'HPE_INVALID' }));
    await expect(work).rejects.not.toHaveProperty('data');
  });
});
