import {
  type ArgumentsHost,
  Controller,
  type ExceptionFilter,
  Get,
  UseFilters,
} from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost } from '@nestjs/core';
import { firstValueFrom, type Observable } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { PayTabsExceptionFilter, payTabsAnswer } from '../../src/adapters/nestjs/index.js';
import { PayTabsError, type PayTabsErrorCode } from '../../src/index.js';
import type { NestUnderTest } from './describe-nest.js';
import { startApp } from './start-app.js';

const told = 'Declined by the bank, PMNT0101.6A000001.00000A01';

const of = (code: PayTabsErrorCode, retryAfterMs?: number) =>
  new PayTabsError(code, told, {
    retryAfterMs,
    trace: 'PMNT0101.6A000001.00000A01',
    cartId: 'order-1',
    tranRef: 'TST2625600001234',
    gatewayCode: 4,
    httpStatus: 418,
    excerpt: told,
    cause: new Error(told),
  });

/** As an error of another copy of this package comes: known by its mark alone. */
const fromAnotherCopy = Object.assign(new Error(told), {
  code: 'RATE_LIMITED',
  retryAfterMs: 1500,
  [Symbol.for('@nestcms/paytabs-client.error')]: true,
});

/** The error, the status it is answered with, and `Retry-After`. */
const ROWS: Readonly<Record<string, readonly [unknown, number, (string | null)?]>> = {
  unavailable: [of('GATEWAY_UNAVAILABLE', 4200), 503, '5'],
  'unavailable-now': [of('GATEWAY_UNAVAILABLE', 0), 503, '1'],
  'unavailable-ever': [of('GATEWAY_UNAVAILABLE', Number.POSITIVE_INFINITY), 503],
  'unavailable-unknown': [of('GATEWAY_UNAVAILABLE'), 503],
  limited: [of('RATE_LIMITED', 300), 503, '1'],
  other: [fromAnotherCopy, 503, '2'],
  store: [of('INTENT_STORE_FAILED'), 503],
  request: [of('INVALID_REQUEST'), 400],
  money: [of('INVALID_MONEY'), 400],
  'not-found': [of('NOT_FOUND'), 404],
  reused: [of('REFERENCE_REUSED'), 409],
  duplicate: [of('DUPLICATE_REQUEST'), 409],
  reply: [of('UNEXPECTED_REPLY'), 502],
  unknown: [of('OUTCOME_UNKNOWN'), 202],
};

const messages: Readonly<Record<number, string>> = {
  202: 'Accepted',
  400: 'Bad Request',
  404: 'Not Found',
  409: 'Conflict',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

/** What stays with Nest: it says nothing of them outside, and logs them. */
const OWN_FAULTS: Readonly<Record<string, unknown>> = {
  key: of('AUTHENTICATION_FAILED'),
  option: of('INVALID_OPTION'),
  aborted: of('ABORTED'),
  plain: new Error(told),
};

@Controller('throw')
class ThrowingController {}

const errors = {
  ...Object.fromEntries(Object.entries(ROWS).map(([name, [error]]) => [name, error])),
  ...OWN_FAULTS,
};
for (const [name, error] of Object.entries(errors)) {
  const value = () => {
    throw error;
  };
  Object.defineProperty(ThrowingController.prototype, name, { value });
  Get(name)(ThrowingController.prototype, name, { value });
}

@Controller('local')
@UseFilters(PayTabsExceptionFilter)
class LocalController {
  @Get()
  fail(): never {
    throw of('RATE_LIMITED', 4200);
  }
}

export function describeFilter(nest: NestUnderTest): void {
  describe('PayTabsExceptionFilter', () => {
    const start = (isGlobal: boolean) =>
      startApp(nest, {
        controllers: [LocalController, ThrowingController],
        providers: isGlobal ? [{ provide: APP_FILTER, useClass: PayTabsExceptionFilter }] : [],
      });

    it('answers each error by its code alone, and says when to come again', async () => {
      const { ask } = await start(true);
      for (const [name, [error, statusCode, retryAfter = null]] of Object.entries(ROWS)) {
        const { code } = error as PayTabsError;
        expect({ name, ...(await ask(`/throw/${name}`)) }).toEqual({
          name,
          status: statusCode,
          body: { statusCode, message: messages[statusCode], code },
          retryAfter,
        });
      }
    });

    it('leaves faults of this side to Nest', async () => {
      const { ask } = await start(true);
      for (const name of Object.keys(OWN_FAULTS)) {
        expect({ name, ...(await ask(`/throw/${name}`)) }).toEqual({
          name,
          status: 500,
          body: { statusCode: 500, message: 'Internal server error' },
          retryAfter: null,
        });
      }
    });

    it('serves a single controller as well', async () => {
      const { ask } = await start(false);
      expect(await ask('/local')).toMatchObject({ status: 503, retryAfter: '5' });
      expect(await ask('/throw/limited')).toMatchObject({ status: 500, retryAfter: null });
    });

    it('lets errors go on where there is no HTTP', async () => {
      const filter: ExceptionFilter = new PayTabsExceptionFilter(new HttpAdapterHost());
      const host = (type: string) => ({ getType: () => type }) as ArgumentsHost;
      const error = of('RATE_LIMITED');
      const result = filter.catch(error, host('rpc')) as Observable<never>;
      await expect(firstValueFrom(result)).rejects.toBe(error);
      expect(() => filter.catch(error, host('ws'))).toThrow(error);
    });

    it('only ends an answer that has begun', () => {
      const adapter = { isHeadersSent: () => true, end: vi.fn(), reply: vi.fn() };
      const adapterHost = { httpAdapter: adapter } as unknown as HttpAdapterHost;
      const host = {
        getType: () => 'http',
        switchToHttp: () => ({ getResponse: () => 'the response' }),
      } as unknown as ArgumentsHost;
      new PayTabsExceptionFilter(adapterHost).catch(of('RATE_LIMITED'), host);
      expect(adapter.end).toHaveBeenCalledExactlyOnceWith('the response');
      expect(adapter.reply).not.toHaveBeenCalled();
    });

    it('gives its answers to filters of other people', () => {
      const error = of('RATE_LIMITED', 4200);
      const answer = payTabsAnswer(error);
      expect(answer?.exception.getStatus()).toBe(503);
      expect(answer?.exception.cause).toBe(error);
      expect(answer?.retryAfterSeconds).toBe(5);
      expect(payTabsAnswer(of('INVALID_OPTION'))).toBeUndefined();
    });
  });
}
