import { afterEach, describe, expect, it, vi } from 'vitest';
import { GuardedEmitter } from './guarded-emitter.js';
import type { ListenerFailure, OnListenerError } from './listener-failure.js';

interface Events {
  opened: { readonly id: number };
  closed: { readonly id: number };
}

const setup = () => {
  const failures: ListenerFailure[] = [];
  const emitter = new GuardedEmitter<Events>({
    onListenerError: (failure) => failures.push(failure),
  });
  return { emitter, failures };
};

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

afterEach(() => {
  vi.restoreAllMocks();
});

describe('listening', () => {
  it('calls every listener with the payload, in the order they came', () => {
    const { emitter } = setup();
    const heard: string[] = [];
    emitter.on('opened', ({ id }) => heard.push(`first ${id}`));
    emitter.on('opened', ({ id }) => heard.push(`second ${id}`));
    emitter.emit('opened', { id: 7 });
    expect(heard).toEqual(['first 7', 'second 7']);
  });

  it('ends exactly the subscription whose function is called, even for one listener given twice', () => {
    const { emitter } = setup();
    const listener = vi.fn();
    const unsubscribe = emitter.on('opened', listener);
    emitter.on('opened', listener);
    unsubscribe();
    unsubscribe();
    emitter.emit('opened', { id: 1 });
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('ends all subscriptions of a listener by off', () => {
    const { emitter } = setup();
    const listener = vi.fn();
    const other = vi.fn();
    emitter.on('opened', listener);
    emitter.once('opened', listener);
    emitter.on('opened', other);
    emitter.off('opened', listener);
    emitter.emit('opened', { id: 1 });
    expect(listener).not.toHaveBeenCalled();
    expect(other).toHaveBeenCalledTimes(1);
  });

  it('calls a one-time listener once, or never if unsubscribed before', () => {
    const { emitter } = setup();
    const listener = vi.fn();
    const cancelled = vi.fn();
    emitter.once('opened', listener);
    emitter.once('opened', cancelled)();
    emitter.emit('opened', { id: 1 });
    emitter.emit('opened', { id: 2 });
    expect(listener.mock.calls).toEqual([[{ id: 1 }]]);
    expect(cancelled).not.toHaveBeenCalled();
  });

  it('counts who listens', () => {
    const { emitter } = setup();
    const unsubscribe = emitter.on('opened', () => {});
    emitter.once('opened', () => {});
    expect(emitter.listenerCount('opened')).toBe(2);
    unsubscribe();
    emitter.emit('opened', { id: 1 });
    expect(emitter.listenerCount('opened')).toBe(0);
    expect(emitter.listenerCount('closed')).toBe(0);
  });

  it('refuses a listener that is no function', () => {
    const { emitter } = setup();
    expect(() => emitter.on('opened', undefined as never)).toThrow(
      "A listener of 'opened' must be a function; it is undefined.",
    );
  });

  it('takes the names of object members as event names', () => {
    const emitter = new GuardedEmitter<{ __proto__: number; constructor: number }>();
    const listener = vi.fn();
    emitter.on('__proto__', listener);
    emitter.emit('constructor', 1);
    emitter.emit('__proto__', 2);
    expect(listener.mock.calls).toEqual([[2]]);
  });
});

describe('listeners that change things while they are called', () => {
  it('calls those who listened at the moment of emit, whatever is added or removed', () => {
    const { emitter } = setup();
    const heard: string[] = [];
    const added = () => heard.push('added');
    emitter.on('opened', () => {
      heard.push('first');
      removeSecond();
      emitter.on('opened', added);
    });
    const removeSecond = emitter.on('opened', () => heard.push('second'));
    emitter.emit('opened', { id: 1 });
    expect(heard).toEqual(['first', 'second']);
    heard.length = 0;
    emitter.emit('opened', { id: 2 });
    expect(heard).toEqual(['first', 'added']);
  });

  it('delivers what a listener emits after the event at hand, so that all hear one order', () => {
    const { emitter } = setup();
    const heard: string[] = [];
    emitter.on('opened', () => emitter.emit('closed', { id: 2 }));
    emitter.on('opened', () => heard.push('opened'));
    emitter.on('closed', () => heard.push('closed'));
    emitter.emit('opened', { id: 1 });
    expect(heard).toEqual(['opened', 'closed']);
  });

  it('calls a one-time listener that emits its own event only once', () => {
    const { emitter } = setup();
    const listener = vi.fn(() => emitter.emit('opened', { id: 2 }));
    emitter.once('opened', listener);
    emitter.emit('opened', { id: 1 });
    expect(listener).toHaveBeenCalledTimes(1);
  });
});

describe('listeners that answer events with events for ever', () => {
  it.each([1, 2])('are stopped and reported once, %i answers to each', (answers) => {
    const failures: ListenerFailure[] = [];
    const emitter = new GuardedEmitter<Events>({
      onListenerError: (failure) => {
        failures.push(failure);
        emitter.emit('opened', { id: -1 });
      },
    });
    let heard = 0;
    emitter.on('opened', ({ id }) => {
      heard += 1;
      for (let answer = 0; answer < answers; answer += 1) emitter.emit('opened', { id: id + 1 });
    });
    emitter.emit('opened', { id: 0 });
    expect(heard).toBe(1001);
    const error = new RangeError('Listeners emitted 1000 events in a row; the rest is dropped.');
    expect(failures).toEqual([{ kind: 'listener', name: 'opened', error }]);
    const unsubscribe = emitter.on('closed', () => {
      heard += 1;
    });
    emitter.emit('closed', { id: 1 });
    unsubscribe();
    expect(heard).toBe(1002);
  });

  it('may answer with any number of events that nobody hears', () => {
    const { emitter, failures } = setup();
    emitter.on('opened', () => {
      for (let id = 0; id < 1500; id += 1) emitter.emit('closed', { id });
    });
    emitter.emit('opened', { id: 0 });
    expect(failures).toEqual([]);
  });

  it('are let finish a thousand', () => {
    const { emitter, failures } = setup();
    let heard = 0;
    emitter.on('opened', ({ id }) => {
      heard += 1;
      if (id < 1000) emitter.emit('opened', { id: id + 1 });
    });
    emitter.emit('opened', { id: 0 });
    expect(heard).toBe(1001);
    expect(failures).toEqual([]);
  });
});

describe('an event that nobody heard', () => {
  const silent = () => {
    const emitter = new GuardedEmitter<Events>();
    // Somebody hears another one, or nothing would be asked at all.
    emitter.on('closed', () => {});
    emitter.emit('opened', { id: 1 });
    expect(emitter.hears('opened')).toBe(false);
    return emitter;
  };

  it('is heard by a listener that comes later, and by nobody when it has gone', () => {
    const emitter = silent();
    const heard: unknown[] = [];
    const end = emitter.on('opened', (payload) => heard.push(payload));
    emitter.emit('opened', { id: 2 });
    end();
    expect(emitter.hears('opened')).toBe(false);
    expect(heard).toEqual([{ id: 2 }]);
  });

  it('is heard by a listener of an emitter that it goes to', () => {
    const [from, to] = [silent(), silent()];
    from.connect(to);
    expect(from.hears('opened')).toBe(false);
    const heard: unknown[] = [];
    to.on('opened', (payload) => heard.push(payload));
    from.emit('opened', { id: 2 });
    expect(heard).toEqual([{ id: 2 }]);
  });

  it('is heard by a sink of somebody else that changes its mind', () => {
    const emitter = silent();
    const sink = { hears: vi.fn(() => false), emit: vi.fn() };
    emitter.connect(sink);
    emitter.emit('opened', { id: 2 });
    expect(sink.emit).not.toHaveBeenCalled();
    sink.hears.mockReturnValue(true);
    emitter.emit('opened', { id: 3 });
    expect(sink.emit).toHaveBeenCalledExactlyOnceWith('opened', { id: 3 });
  });
});

describe('listeners that fail', () => {
  it('reports one that throws, calls the others and does not throw itself', () => {
    const { emitter, failures } = setup();
    const error = new Error('listener is broken');
    const after = vi.fn();
    emitter.on('opened', () => {
      throw error;
    });
    emitter.on('opened', after);
    expect(() => emitter.emit('opened', { id: 1 })).not.toThrow();
    expect(failures).toEqual([{ kind: 'listener', name: 'opened', error }]);
    expect(after).toHaveBeenCalledTimes(1);
  });

  it('reports one whose promise is rejected', async () => {
    const { emitter, failures } = setup();
    const error = new Error('later');
    emitter.on('opened', () => Promise.reject(error));
    emitter.emit('opened', { id: 1 });
    await nextTurn();
    expect(failures).toEqual([{ kind: 'listener', name: 'opened', error }]);
  });

  it('reports one that returns a trap in place of a promise', async () => {
    const { emitter, failures } = setup();
    const error = new Error('trap');
    // oxlint-disable-next-line unicorn/no-thenable -- what the test is about
    const trap = Object.defineProperty({}, 'then', {
      get() {
        throw error;
      },
    });
    emitter.on('opened', () => trap);
    emitter.emit('opened', { id: 1 });
    await nextTurn();
    expect(failures).toEqual([{ kind: 'listener', name: 'opened', error }]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('hook is broken');
      },
    ],
    ['is rejected', () => Promise.reject(new Error('hook is broken'))],
  ])('warns of both errors when the hook itself %s', async (_how, onListenerError) => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const emitter = new GuardedEmitter<Events>({
      onListenerError: onListenerError as OnListenerError,
    });
    emitter.on('opened', () => {
      throw new Error('listener is broken');
    });
    expect(() => emitter.emit('opened', { id: 1 })).not.toThrow();
    await nextTurn();
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      "The listener 'opened' failed and was skipped. Error: listener is broken",
      "The callback 'onListenerError' failed and was skipped. Error: hook is broken",
    ]);
  });

  it('warns through the process when there is no hook, and survives an error that has no text', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const emitter = new GuardedEmitter<Events>();
    emitter.on('opened', () => {
      throw new Error('listener is broken');
    });
    emitter.on('opened', () => {
      throw Object.create(null);
    });
    const last = vi.fn();
    emitter.on('opened', last);
    emitter.emit('opened', { id: 1 });
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]?.[1]).toMatchObject({ type: 'ListenerFailedWarning' });
    expect(last).toHaveBeenCalledTimes(1);
  });

  it('writes to the console where there is no process to warn through', () => {
    const write = vi.spyOn(console, 'warn').mockImplementation(() => {});
    vi.stubGlobal('process', undefined);
    try {
      const emitter = new GuardedEmitter<Events>();
      emitter.on('opened', () => {
        throw 'a text';
      });
      emitter.emit('opened', { id: 1 });
    } finally {
      vi.unstubAllGlobals();
    }
    expect(write.mock.calls).toEqual([["The listener 'opened' failed and was skipped. a text"]]);
  });
});
