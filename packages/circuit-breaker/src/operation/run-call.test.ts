import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { deafSignal } from '../../test/support/deaf-signal.js';
import { deferred, flush } from '../../test/support/deferred.js';
import { outcomeOf } from '../../test/support/operations.js';
import { Call } from './call.js';
import type { Layer, Sink } from './layer.js';
import { OPERATION_LAYER } from './operation-layer.js';
import { runCall } from './run-call.js';
import { Scope } from './scope.js';

/** A layer that hands out what it was given, and calls on only when told. */
const holding = () => {
  const held: { scope: Scope; sink: Sink; next: () => void }[] = [];
  const layer: Layer = {
    run: (call, scope, sink) => {
      held.push({ scope, sink, next: () => OPERATION_LAYER.run(call, scope, sink) });
    },
  };
  return { layer, held };
};

const abortable = () => {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
};

const listenersOf = (signal: AbortSignal) => {
  const added = vi.spyOn(signal, 'addEventListener');
  const removed = vi.spyOn(signal, 'removeEventListener');
  return () => added.mock.calls.length - removed.mock.calls.length;
};

describe('runCall', () => {
  it('settles once, by the first report', async () => {
    const { layer, held } = holding();
    const { signal } = new AbortController();
    const call = runCall(layer, new Call(() => 1, { signal }, false));
    held[0]?.sink.settled(false, 'first');
    held[0]?.sink.settled(true, new Error('second'));
    await expect(call).resolves.toBe('first');
  });

  it('gives up for a caller at once, whatever happens inside, and drops what comes after', async () => {
    const { layer, held } = holding();
    const controller = new AbortController();
    const call = outcomeOf(runCall(layer, new Call(() => 1, { signal: controller.signal }, false)));
    const abandoned = vi.fn();
    held[0]?.scope.join({ abandoned });
    controller.abort('enough');
    held[0]?.sink.settled(false, 'late');
    await flush();
    expect(call.error).toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect(abandoned.mock.calls).toEqual([[call.error]]);
    expect(held[0]?.scope).toMatchObject({ isAborted: true, reason: call.error });
  });

  it('tells a caller who gives up so, whatever that ends inside', async () => {
    const { layer, held } = holding();
    const controller = new AbortController();
    const call = outcomeOf(runCall(layer, new Call(() => 1, { signal: controller.signal }, false)));
    held[0]?.scope.join({ abandoned: () => held[0]?.sink.settled(false, 'in the last moment') });
    controller.abort();
    await flush();
    expect(call.error).toMatchObject({ code: 'ABORTED' });
  });

  it('gives up nothing of a call that ended while others of the same signal were given up', async () => {
    const { layer, held } = holding();
    const { signal, abort } = abortable();
    const calls = [1, 2].map(() => outcomeOf(runCall(layer, new Call(() => 1, { signal }, false))));
    held[0]?.scope.join({ abandoned: () => held[1]?.sink.settled(false, 'done') });
    const abandoned = vi.fn();
    held[1]?.scope.join({ abandoned });
    abort();
    await flush();
    expect(calls).toMatchObject([{ error: { code: 'ABORTED' } }, { value: 'done' }]);
    expect(abandoned).not.toHaveBeenCalled();
  });

  it('does not call an operation whose caller gave up on the way in', async () => {
    const { layer, held } = holding();
    const controller = new AbortController();
    const operation = vi.fn();
    outcomeOf(runCall(layer, new Call(operation, { signal: controller.signal }, false)));
    controller.abort();
    held[0]?.next();
    const abandoned = vi.fn();
    held[0]?.scope.join({ abandoned });
    expect(operation).not.toHaveBeenCalled();
    expect(abandoned).toHaveBeenCalledTimes(1);
  });

  it('puts one listener on a signal that many calls share, and takes it off after the last', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const left = listenersOf(signal);
    const gate = deferred<number>();
    const calls = Array.from({ length: 50 }, () =>
      runCall(OPERATION_LAYER, new Call(() => gate.promise, { signal }, false)),
    );
    expect(left()).toBe(1);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    gate.resolve(1);
    await Promise.all(calls);
    expect(left()).toBe(0);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('ends the calls that run when it is aborted, each with its own error', async () => {
    const controller = new AbortController();
    const begin = () =>
      outcomeOf(
        runCall(
          OPERATION_LAYER,
          new Call(() => new Promise(() => {}), { signal: controller.signal }, false),
        ),
      );
    const [one, other] = [begin(), begin()];
    controller.abort('enough');
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    await flush();
    expect([one.error, other.error]).toMatchObject([{ code: 'ABORTED' }, { code: 'ABORTED' }]);
    expect(one.error).not.toBe(other.error);
  });

  it('rejects, and calls nothing, for a signal that cannot be listened to', async () => {
    const broken = new Error('not today');
    const operation = vi.fn();
    const signal = deafSignal(broken);
    await expect(runCall(OPERATION_LAYER, new Call(operation, { signal }, false))).rejects.toBe(
      broken,
    );
    expect(operation).not.toHaveBeenCalled();
  });

  it('settles its caller though the signal will not let go', async () => {
    const signal = {
      aborted: false,
      addEventListener: () => {},
      removeEventListener: () => {
        throw new Error('not today');
      },
    } as unknown as AbortSignal;
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    await expect(runCall(OPERATION_LAYER, new Call(() => 1, { signal }, false))).resolves.toBe(1);
    expect(warn.mock.calls[0]?.[0]).toContain("The callback 'signal' failed");
    warn.mockRestore();
  });

  it('leaves no unhandled rejection behind when an abort is followed by a failure', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const controller = new AbortController();
    const late = deferred<number>();
    const call = outcomeOf(
      runCall(OPERATION_LAYER, new Call(() => late.promise, { signal: controller.signal }, false)),
    );
    controller.abort();
    late.reject(new Error('much later'));
    await flush();
    process.off('unhandledRejection', unhandled);
    expect(call.error).toMatchObject({ code: 'ABORTED' });
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('a call', () => {
  it('numbers its tries, and all of them are the same call', () => {
    const call = new Call(() => 1, {}, false);
    const second = call.again();
    const third = call.again();
    expect([call, second, third, second.again()].map(({ attempt }) => attempt)).toEqual([
      1, 2, 3, 4,
    ]);
    expect(second.identity).toBe(call.identity);
    expect(third.identity).toBe(call.identity);
    expect(new Call(() => 1, {}, false).identity).not.toBe(call.identity);
  });

  it('is quiet after an operation that threw at once', async () => {
    const call = new Call(
      () => {
        throw new Error('down');
      },
      {},
      false,
    );
    await expect(runCall(OPERATION_LAYER, call)).rejects.toThrow('down');
    expect(call.isRunning).toBe(false);
  });

  it('is quiet once no operation of any of its tries runs', async () => {
    const gates = [deferred<void>(), deferred<void>()];
    const call = new Call(({ attempt }) => gates[attempt - 1]?.promise, {}, false);
    const quiet = vi.fn();
    void runCall(OPERATION_LAYER, call);
    OPERATION_LAYER.run(call.again(), new Scope(), {
      settled: () => {},
    });
    call.whenQuiet(quiet);
    gates[1]?.resolve();
    await flush();
    expect(call.isRunning).toBe(true);
    expect(quiet).not.toHaveBeenCalled();
    gates[0]?.resolve();
    await flush();
    expect(call.isRunning).toBe(false);
    expect(quiet).toHaveBeenCalledTimes(1);
  });
});
