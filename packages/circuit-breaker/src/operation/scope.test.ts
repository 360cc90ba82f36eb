import { describe, expect, it, vi } from 'vitest';
import { AbortedError, TimeoutError } from '../errors.js';
import { type Abandonable, CallerScope, ENDLESS, Scope } from './scope.js';

/** What is held in a scope, and notes when it is given up. */
const member = () => ({ abandoned: vi.fn<Abandonable['abandoned']>() });

describe('a scope that is given up', () => {
  it('has everything in it given back, in the order it came, then aborts its signal', () => {
    const scope = new Scope();
    const order: string[] = [];
    scope.signal.addEventListener('abort', () => order.push('signal'));
    for (const name of ['first', 'second']) {
      scope.join({ abandoned: (reason) => order.push(`${name}: ${String(reason)}`) });
    }
    scope.abort('why');
    expect(order).toEqual(['first: why', 'second: why', 'signal']);
    expect(scope).toMatchObject({ isAborted: true, reason: 'why' });
    expect(scope.signal.reason).toBe('why');
  });

  it('is so once: the first reason counts', () => {
    const scope = new Scope();
    const held = member();
    scope.join(held);
    scope.abort('first');
    scope.abort('second');
    expect(held.abandoned.mock.calls).toEqual([['first']]);
    expect(scope.reason).toBe('first');
  });

  it('tells who joins it afterwards at once', () => {
    const scope = new Scope();
    scope.abort('why');
    const late = member();
    scope.join(late);
    expect(late.abandoned.mock.calls).toEqual([['why']]);
  });

  it('tells who joins it from within, too', () => {
    const scope = new Scope();
    const late = member();
    scope.join({ abandoned: () => scope.join(late) });
    scope.abort('why');
    expect(late.abandoned.mock.calls).toEqual([['why']]);
  });

  it('may be given up again from within, and comes to an end', () => {
    const scope = new Scope();
    const held = member();
    scope.join({ abandoned: () => scope.abort('again') });
    scope.join(held);
    scope.abort('why');
    expect(held.abandoned.mock.calls).toEqual([['why']]);
  });
});

describe('the signal of a scope', () => {
  it('is made when it is first read, and is one', () => {
    const scope = new Scope();
    expect(scope.signal).toBe(scope.signal);
    expect(scope.signal.aborted).toBe(false);
  });

  it('first read afterwards is aborted with the reason', () => {
    const scope = new Scope();
    const error = new TimeoutError({ timeoutMs: 5 });
    scope.abort(error);
    expect(scope.signal.aborted).toBe(true);
    expect(scope.signal.reason).toBe(error);
  });

  it('says the caller’s own reason of a caller’s abort', () => {
    const [read, unread] = [new Scope(), new Scope()];
    const error = new AbortedError({ reason: 'enough' });
    const { signal } = read;
    for (const scope of [read, unread]) scope.abort(error);
    expect(signal.reason).toBe('enough');
    expect(unread.signal.reason).toBe('enough');
    expect(read.reason).toBe(error);
  });
});

describe('a scope in another', () => {
  it('is given up with it, for whoever asks', () => {
    const outer = new Scope();
    const inner = new Scope(outer);
    expect(inner.isAborted).toBe(false);
    outer.abort('why');
    expect(inner).toMatchObject({ isAborted: true, reason: 'why' });
    expect(inner.signal.aborted).toBe(true);
    const late = member();
    inner.join(late);
    expect(late.abandoned).toHaveBeenCalledWith('why');
  });

  it('that is given up leaves the outer one as it is', () => {
    const outer = new Scope();
    const inner = new Scope(outer);
    inner.abort('inner');
    expect(outer.isAborted).toBe(false);
    expect(outer.reason).toBeUndefined();
    expect(inner.reason).toBe('inner');
  });

  it('has the time of the outer one', () => {
    class Limited extends Scope {
      override get remainingMs(): number {
        return 70;
      }
    }
    expect(new Scope(new Limited()).remainingMs).toBe(70);
    expect(new Scope().remainingMs).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the endless scope', () => {
  it('is never given up, and keeps nothing', () => {
    const held = member();
    ENDLESS.join(held);
    ENDLESS.abort('why');
    expect(held.abandoned).not.toHaveBeenCalled();
    expect(ENDLESS).toMatchObject({
      isAbortable: false,
      isAborted: false,
      reason: undefined,
      remainingMs: Number.POSITIVE_INFINITY,
    });
  });

  it('gives a fresh signal at each reading, so that listeners do not add up', () => {
    expect(ENDLESS.signal).not.toBe(ENDLESS.signal);
    expect(ENDLESS.signal.aborted).toBe(false);
  });
});

describe('the scope of a caller’s signal', () => {
  it('hands that very signal on', () => {
    const { signal } = new AbortController();
    const scope = new CallerScope(signal);
    expect(scope.signal).toBe(signal);
    expect(scope.isAbortable).toBe(true);
  });
});
