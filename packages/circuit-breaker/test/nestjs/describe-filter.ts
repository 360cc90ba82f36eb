import {
  type ArgumentsHost,
  Controller,
  type ExceptionFilter,
  Get,
  Inject,
  UseFilters,
} from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost } from '@nestjs/core';
import { firstValueFrom, type Observable } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import {
  breakerAnswer,
  CircuitBreakerExceptionFilter,
  CircuitBreakerModule,
} from '../../src/adapters/nestjs/index.js';
import {
  AbortedError,
  BreakerOpenError,
  BulkheadFullError,
  CircuitBreakerRegistry,
  InvalidOptionError,
  RateLimitedError,
  TimeoutError,
} from '../../src/index.js';
import type { NestUnderTest } from './describe-nest.js';
import { appsOf } from './start-app.js';

/** As an error of another copy of this package comes: known by its mark alone. */
const fromAnotherCopy = Object.assign(new Error('open'), {
  code: 'BREAKER_OPEN',
  retryAfterMs: 1500,
  [Symbol.for('@nestcms/circuit-breaker.error')]: true,
});

const ERRORS: Readonly<Record<string, unknown>> = {
  open: new BreakerOpenError({ breaker: 'gateway', reason: 'open', retryAfterMs: 4200 }),
  now: new BreakerOpenError({ breaker: 'gateway', reason: 'trialsBusy', retryAfterMs: 0 }),
  other: fromAnotherCopy,
  limited: new RateLimitedError({ retryAfterMs: 300 }),
  full: new BulkheadFullError({ reason: 'queueFull' }),
  late: new TimeoutError({ timeoutMs: 5 }),
  wrong: new InvalidOptionError({ option: 'x', value: 1, allowed: 'y' }),
  aborted: new AbortedError({ reason: 'gone' }),
  plain: new Error('plain'),
};

@Controller('throw')
class ThrowingController {
  readonly #registry: CircuitBreakerRegistry;

  constructor(@Inject(CircuitBreakerRegistry) registry: CircuitBreakerRegistry) {
    this.#registry = registry;
  }

  @Get('shut-down')
  async shutDown(): Promise<unknown> {
    const breaker = this.#registry.getOrCreate({ name: 'gone' });
    breaker.shutDown();
    return breaker.execute(() => 1);
  }
}

for (const name of Object.keys(ERRORS)) {
  const method = () => {
    throw ERRORS[name];
  };
  Object.defineProperty(ThrowingController.prototype, name, { value: method });
  Get(name)(ThrowingController.prototype, name, { value: method });
}

@Controller('local')
@UseFilters(CircuitBreakerExceptionFilter)
class LocalController {
  @Get()
  fail(): never {
    throw ERRORS.open;
  }
}

export const describeFilter = (nest: NestUnderTest): void => {
  describe('CircuitBreakerExceptionFilter', () => {
    const start = appsOf(nest);
    const startThrowing = (isGlobal: boolean) =>
      start({
        imports: [CircuitBreakerModule.forRoot()],
        controllers: [LocalController, ThrowingController],
        providers: isGlobal
          ? [{ provide: APP_FILTER, useClass: CircuitBreakerExceptionFilter }]
          : [],
      });

    it('answers refusals with 503 and Retry-After, time limits with 504, and nothing else', async () => {
      const { ask } = await startThrowing(true);
      const unavailable = (code: string, retryAfter: string | null) => ({
        status: 503,
        body: { statusCode: 503, message: 'Service Unavailable', code },
        retryAfter,
      });
      expect(await ask('/throw/open')).toEqual(unavailable('BREAKER_OPEN', '5'));
      expect(await ask('/throw/now')).toEqual(unavailable('BREAKER_OPEN', '1'));
      expect(await ask('/throw/other')).toEqual(unavailable('BREAKER_OPEN', '2'));
      expect(await ask('/throw/limited')).toEqual(unavailable('RATE_LIMITED', '1'));
      expect(await ask('/throw/full')).toEqual(unavailable('BULKHEAD_FULL', null));
      expect(await ask('/throw/shut-down')).toEqual(unavailable('BREAKER_SHUT_DOWN', null));
      const late = { statusCode: 504, message: 'Gateway Timeout', code: 'TIMEOUT' };
      expect(await ask('/throw/late')).toEqual({ status: 504, body: late, retryAfter: null });
      for (const name of ['wrong', 'aborted', 'plain']) {
        expect(await ask(`/throw/${name}`)).toMatchObject({
          status: 500,
          body: { message: 'Internal server error' },
        });
      }
    });

    it('serves a single controller as well', async () => {
      const { ask } = await startThrowing(false);
      expect(await ask('/local')).toMatchObject({ status: 503, retryAfter: '5' });
      expect(await ask('/throw/open')).toMatchObject({ status: 500, retryAfter: null });
    });

    it('lets errors go on where there is no HTTP', async () => {
      const filter: ExceptionFilter = new CircuitBreakerExceptionFilter(new HttpAdapterHost());
      const host = (type: string) => ({ getType: () => type }) as ArgumentsHost;
      const result = filter.catch(ERRORS.open, host('rpc')) as Observable<never>;
      await expect(firstValueFrom(result)).rejects.toBe(ERRORS.open);
      expect(() => filter.catch(ERRORS.open, host('ws'))).toThrow(ERRORS.open as Error);
    });

    it('only ends an answer that has begun', () => {
      const adapter = { isHeadersSent: () => true, end: vi.fn(), reply: vi.fn() };
      const adapterHost = { httpAdapter: adapter } as unknown as HttpAdapterHost;
      const host = {
        getType: () => 'http',
        switchToHttp: () => ({ getResponse: () => 'the response' }),
      } as unknown as ArgumentsHost;
      new CircuitBreakerExceptionFilter(adapterHost).catch(ERRORS.open, host);
      expect(adapter.end).toHaveBeenCalledExactlyOnceWith('the response');
      expect(adapter.reply).not.toHaveBeenCalled();
    });

    it('gives its answers to filters of other people', () => {
      const answer = breakerAnswer(ERRORS.open);
      expect(answer?.exception.getStatus()).toBe(503);
      expect(answer?.exception.cause).toBe(ERRORS.open);
      expect(answer?.retryAfterSeconds).toBe(5);
      expect(breakerAnswer(ERRORS.wrong)).toBeUndefined();
    });
  });
};
