import type { Dispatcher } from 'undici';
import type { AnyDispatcher } from '../src/index.js';

/** What the far side does with a request: answers, or breaks after or before the first byte. */
export type FakeBehaviour =
  | { readonly status: number; readonly body: string; readonly headers?: Record<string, string> }
  | { readonly error: Error; readonly when: 'beforeSending' | 'afterSending' };

const controller = (onAbort: (reason: Error) => void): Dispatcher.DispatchController => ({
  aborted: false,
  paused: false,
  reason: null,
  abort: onAbort,
  pause: () => undefined,
  resume: () => undefined,
});

/** A dispatcher without sockets, and the requests it was given. */
export function fakeDispatcher(behave: () => FakeBehaviour): AnyDispatcher & {
  readonly requests: Dispatcher.DispatchOptions[];
} {
  const requests: Dispatcher.DispatchOptions[] = [];
  return {
    requests,
    dispatch(options, handler) {
      requests.push(options);
      const does = behave();
      queueMicrotask(() => {
        let aborted: Error | undefined;
        const control = controller((reason) => {
          aborted = reason;
        });
        const fail = (error: Error) => handler.onResponseError?.(control, error);
        if ('error' in does && does.when === 'beforeSending') return fail(does.error);
        handler.onRequestStart?.(control, null);
        if (aborted !== undefined) return fail(aborted);
        if ('error' in does) return fail(does.error);
        handler.onResponseStart?.(control, does.status, does.headers ?? {});
        handler.onResponseData?.(control, Buffer.from(does.body));
        if (aborted !== undefined) return fail(aborted);
        handler.onResponseEnd?.(control, {});
      });
      return true;
    },
  };
}
