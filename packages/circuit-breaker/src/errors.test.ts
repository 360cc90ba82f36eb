import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  AbortedError,
  BreakerOpenError,
  BreakerShutDownError,
  CircuitBreakerError,
  InvalidOptionError,
  InvalidSnapshotError,
  isCircuitBreakerError,
  TimeoutError,
  withoutStack,
} from './errors.js';

const open = { breaker: 'gateway', reason: 'open', retryAfterMs: 1500 } as const;

describe('the errors', () => {
  it('carry a code, their data and a sentence', () => {
    expect(new BreakerOpenError(open)).toMatchObject({
      code: 'BREAKER_OPEN',
      ...open,
      name: 'BreakerOpenError',
      message: "Breaker 'gateway' lets no call through (open).",
    });
    expect(new TimeoutError({ timeoutMs: 50 })).toMatchObject({
      code: 'TIMEOUT',
      timeoutMs: 50,
      name: 'TimeoutError',
      message: 'The operation did not end within 50 ms.',
    });
    expect(new AbortedError({ reason: 'bye' })).toMatchObject({
      code: 'ABORTED',
      cause: 'bye',
      name: 'AbortError',
      message: 'The caller aborted the operation.',
    });
    expect(new BreakerShutDownError({ breaker: 'gateway' })).toMatchObject({
      code: 'BREAKER_SHUT_DOWN',
      breaker: 'gateway',
      name: 'BreakerShutDownError',
      message: "Breaker 'gateway' was shut down.",
    });
    expect(new InvalidOptionError({ option: 'a', value: 1, allowed: 'b' })).toMatchObject({
      name: 'InvalidOptionError',
    });
  });

  it.each([
    ['', 'The snapshot must be an object.'],
    ['window.calls', "The snapshot's 'window.calls' must be an object."],
  ])('say what is wrong in a snapshot: %j', (path, message) => {
    expect(new InvalidSnapshotError({ path, allowed: 'an object' })).toMatchObject({
      code: 'INVALID_SNAPSHOT',
      path,
      allowed: 'an object',
      name: 'InvalidSnapshotError',
      message,
    });
  });

  it('have a name as those of the language do: changeable, and not listed', () => {
    const { value: _, ...kind } = Object.getOwnPropertyDescriptor(Error.prototype, 'name') ?? {};
    for (const { prototype } of [TimeoutError, BreakerOpenError, AbortedError]) {
      expect(Object.getOwnPropertyDescriptor(prototype, 'name')).toMatchObject(kind);
    }
  });

  it('show their name in the stack and no mark when inspected', () => {
    const text = inspect(new BreakerOpenError(open));
    expect(text).toMatch(/^BreakerOpenError: Breaker 'gateway'/);
    expect(text).not.toContain('Symbol(');
    expect(JSON.parse(JSON.stringify(new TimeoutError({ timeoutMs: 5 })))).toEqual({
      code: 'TIMEOUT',
      timeoutMs: 5,
    });
  });

  it.each([
    [-1, '-1'],
    [Number.NaN, 'NaN'],
    [1n, '1'],
    ['redis://user:hunter2@host', 'a text of 25 characters'],
    [null, 'null'],
    [undefined, 'undefined'],
    [Symbol('hunter2'), 'a symbol'],
    [{ secret: 'hunter2' }, 'an object'],
    [() => 'hunter2', 'a function'],
  ])('name the refused value %o without spelling out what is in it', (value, words) => {
    const error = new InvalidOptionError({ option: 'trials', value, allowed: 'a number' });
    expect(error.message).toBe(`Option 'trials' must be a number; it is ${words}.`);
    expect(error).toMatchObject({ code: 'INVALID_OPTION', option: 'trials' });
    expect(error.value).toBe(value);
    expect(inspect(error) + JSON.stringify(error)).not.toContain('hunter2');
  });

  it('show a text where a word or a name belongs, but not all of a long one', () => {
    const details = { option: 'window.kind', allowed: "'count' or 'time'", isWord: true };
    expect(new InvalidOptionError({ ...details, value: 'x'.repeat(300) }).message).toBe(
      `Option 'window.kind' must be 'count' or 'time'; it is '${'x'.repeat(100)}'.`,
    );
    expect(new InvalidOptionError({ ...details, value: () => 'hunter2' }).message).toMatch(
      /it is a function\.$/,
    );
  });
});

describe('the guard', () => {
  it('knows every error of this package, and each by its code', () => {
    const error = new TimeoutError({ timeoutMs: 5 });
    expect(error).toBeInstanceOf(CircuitBreakerError);
    expect(isCircuitBreakerError(error)).toBe(true);
    expect(isCircuitBreakerError(error, 'TIMEOUT')).toBe(true);
    expect(isCircuitBreakerError(error, 'BREAKER_OPEN')).toBe(false);
  });

  it('knows the errors of another copy of this package by their mark', () => {
    const foreign = Object.assign(new Error('from elsewhere'), {
      code: 'TIMEOUT',
      [Symbol.for('@nestcms/circuit-breaker.error')]: true,
    });
    expect(foreign).not.toBeInstanceOf(CircuitBreakerError);
    expect(isCircuitBreakerError(foreign)).toBe(true);
    expect(isCircuitBreakerError(foreign, 'TIMEOUT')).toBe(true);
  });

  it('says no to anything else, without throwing', () => {
    const trap = new Proxy(
      {},
      {
        get() {
          throw new Error('trap');
        },
      },
    );
    const lookalike = Object.assign(new Error('x'), { code: 'TIMEOUT' });
    for (const value of [undefined, null, 1, 'TIMEOUT', {}, new Error('x'), lookalike, trap]) {
      expect(isCircuitBreakerError(value)).toBe(false);
    }
  });
});

describe('the error of an open breaker', () => {
  it('is made without a stack trace and leaves the limit as it was', () => {
    const before = Error.stackTraceLimit;
    const error = withoutStack(() => new BreakerOpenError(open));
    expect(error.stack).toBe("BreakerOpenError: Breaker 'gateway' lets no call through (open).");
    expect(Error.stackTraceLimit).toBe(before);
  });

  it.each([
    ['cannot be set', () => Object.defineProperty(Error, 'stackTraceLimit', { writable: false })],
    ['is unknown, as in other browsers', () => Reflect.deleteProperty(Error, 'stackTraceLimit')],
  ])('is made with one where the limit %s', (_what, change) => {
    const before = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit');
    change();
    try {
      expect(withoutStack(() => new BreakerOpenError(open))).toMatchObject({
        code: 'BREAKER_OPEN',
      });
    } finally {
      Object.defineProperty(Error, 'stackTraceLimit', before ?? {});
    }
  });
});
