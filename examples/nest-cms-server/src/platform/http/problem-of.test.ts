import { CircuitBreaker, systemClock, withTimeout } from '@nestcms/circuit-breaker';
import { PayTabsError } from '@nestcms/paytabs-client';
import { NotFoundException } from '@nestjs/common';
import { MongoNetworkError, MongoServerError } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { conflict, notFound } from './problem.js';
import { problemOf } from './problem-of.js';

const SECRET = 'trace 4711 from 10.0.0.5';

describe('what a caller is told of an error', () => {
  it('is the problem itself where a handler threw one', () => {
    const problem = conflict('TOO_LATE', 'It is decided.');
    expect(problemOf(problem)).toBe(problem);
  });

  it('is to come again when the breaker may let a call through', async () => {
    const breaker = new CircuitBreaker({ name: 'b', openForMs: 4_200 });
    breaker.holdOpen();
    const held = await breaker.execute(() => 1).catch((error: unknown) => error);
    expect(problemOf(held)).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE' });

    const opened = new CircuitBreaker({ name: 'c', openForMs: 4_200, minimumCalls: 1 });
    await opened.execute(() => Promise.reject(new Error('down'))).catch(() => undefined);
    const refused = await opened.execute(() => 1).catch((error: unknown) => error);
    expect(problemOf(refused)).toMatchObject({ status: 503, retryAfterSeconds: 5 });
  });

  it('is to come again after a time-out and without a primary', async () => {
    const timedOut = await withTimeout(() => new Promise(() => undefined), {
      timeoutMs: 1,
      clock: systemClock,
    }).catch((error: unknown) => error);
    expect(problemOf(timedOut)).toMatchObject({ status: 503, retryAfterSeconds: 1 });
    expect(problemOf(new MongoNetworkError(SECRET))).toMatchObject({
      status: 503,
      code: 'SERVICE_UNAVAILABLE',
      retryAfterSeconds: 2,
    });
  });

  it.each([
    ['GATEWAY_UNAVAILABLE', 503, 'GATEWAY_UNAVAILABLE'],
    ['RATE_LIMITED', 503, 'GATEWAY_UNAVAILABLE'],
    ['OUTCOME_UNKNOWN', 503, 'OUTCOME_UNKNOWN'],
    ['AUTHENTICATION_FAILED', 502, 'PAYMENT_ERROR'],
    ['UNEXPECTED_REPLY', 502, 'PAYMENT_ERROR'],
    ['DUPLICATE_REQUEST', 502, 'PAYMENT_ERROR'],
    ['NOT_FOUND', 502, 'PAYMENT_ERROR'],
    ['INVALID_REQUEST', 502, 'PAYMENT_ERROR'],
    ['INTENT_STORE_FAILED', 503, 'SERVICE_UNAVAILABLE'],
  ] as const)('is for the gateway error %s a %i %s', (code, status, expected) => {
    const problem = problemOf(new PayTabsError(code, SECRET, { httpStatus: 400 }));
    expect(problem).toMatchObject({ status, code: expected });
    expect(problem.retryAfterSeconds === undefined).toBe(status === 502);
  });

  it.each([
    'INVALID_REQUEST',
    'INVALID_MONEY',
    'INVALID_OPTION',
    'REFERENCE_REUSED',
    'ABORTED',
  ] as const)('never blames the gateway for %s, of which it was told nothing', (code) => {
    const problem = problemOf(new PayTabsError(code, SECRET));
    expect(problem).toMatchObject({ status: 500, code: 'INTERNAL_ERROR' });
  });

  it.each([
    [new NotFoundException(SECRET), 404, 'NOT_FOUND'],
    [Object.assign(new Error(SECRET), { statusCode: 413 }), 413, 'BODY_TOO_LARGE'],
    [Object.assign(new Error(SECRET), { statusCode: 418 }), 418, 'REQUEST_REFUSED'],
  ])('is for what the framework refuses the same status: %s', (error, status, code) => {
    expect(problemOf(error)).toMatchObject({ status, code });
  });

  it.each([
    [new Error(SECRET)],
    [new MongoServerError({ message: SECRET, code: 11_000 })],
    [Object.assign(new Error(SECRET), { statusCode: 599 })],
    [SECRET],
    [undefined],
    [null],
  ])('is nothing when it is unexpected: %s', (error) => {
    const problem = problemOf(error);
    expect(problem).toMatchObject({ status: 500, code: 'INTERNAL_ERROR' });
  });

  it('never holds the words of the error', () => {
    for (const error of [
      new Error(SECRET),
      new NotFoundException(SECRET),
      new MongoNetworkError(SECRET),
      new PayTabsError('UNEXPECTED_REPLY', SECRET),
    ]) {
      expect(JSON.stringify(problemOf(error).toBody('id'))).not.toContain('4711');
    }
  });

  it('is a body of the agreed form', () => {
    expect(notFound().toBody('request-1')).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      code: 'NOT_FOUND',
      detail: expect.any(String),
      requestId: 'request-1',
    });
  });
});
