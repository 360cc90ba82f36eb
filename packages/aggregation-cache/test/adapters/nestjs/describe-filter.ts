import { type ArgumentsHost, Controller, Get, UseFilters } from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost } from '@nestjs/core';
import { firstValueFrom, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  AggregationCacheExceptionFilter,
  aggregationCacheAnswer,
} from '../../../src/adapters/nestjs/index.js';
import { AggregationCacheError, type AggregationCacheErrorCode } from '../../../src/index.js';
import type { NestUnderTest } from './describe-nest.js';
import { startApp } from './start-app.js';

const told = 'contracts on 10.0.0.7:27017, parameter id';

const of = (code: AggregationCacheErrorCode) =>
  new AggregationCacheError(code, told, { pipelineClass: told } as never, {
    cause: new Error(told),
  });

/** As an error of another copy of this package comes: known by its mark alone. */
const fromAnotherCopy = Object.assign(new Error(told), {
  code: 'NO_MEMBER',
  [Symbol.for('@nestcms/aggregation-cache.error')]: true,
});

/** The error, and the status it is answered with. */
const ROWS: Readonly<Record<string, readonly [unknown, number]>> = {
  parameters: [of('INVALID_PARAMETERS'), 400],
  cursor: [of('INVALID_CURSOR'), 400],
  expired: [of('CURSOR_EXPIRED'), 410],
  member: [of('NO_MEMBER'), 503],
  timeout: [of('READ_TIMEOUT'), 503],
  time: [of('MAX_TIME_EXCEEDED'), 503],
  verifiable: [of('NOT_VERIFIABLE'), 503],
  other: [fromAnotherCopy, 503],
};

const messages: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  410: 'Gone',
  503: 'Service Unavailable',
};

/** What stays with Nest: it says nothing of them outside, and logs them. */
const OWN_FAULTS: Readonly<Record<string, unknown>> = {
  option: of('INVALID_OPTION'),
  value: of('UNSUPPORTED_VALUE'),
  tenant: of('TENANT_REQUIRED'),
  stage: of('WRITE_STAGE'),
  row: of('INVALID_ROW'),
  query: of('QUERY_FAILED'),
  aborted: of('ABORTED'),
  closed: of('CLOSED'),
  remote: of('REMOTE_FAILED'),
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
@UseFilters(AggregationCacheExceptionFilter)
class LocalController {
  @Get()
  fail(): never {
    throw of('NO_MEMBER');
  }
}

export function describeFilter(nest: NestUnderTest): void {
  describe('AggregationCacheExceptionFilter', () => {
    const start = (isGlobal: boolean) =>
      startApp(nest, {
        controllers: [LocalController, ThrowingController],
        providers: isGlobal
          ? [{ provide: APP_FILTER, useClass: AggregationCacheExceptionFilter }]
          : [],
      });

    it('answers each error by its code alone', async () => {
      const { ask } = await start(true);
      for (const [name, [error, statusCode]] of Object.entries(ROWS)) {
        const { code } = error as AggregationCacheError;
        expect({ name, ...(await ask(`/throw/${name}`)) }).toEqual({
          name,
          status: statusCode,
          body: { statusCode, message: messages[statusCode], code },
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
        });
      }
    });

    it('serves a single controller as well', async () => {
      const { ask } = await start(false);
      expect((await ask('/local')).status).toBe(503);
      expect((await ask('/throw/member')).status).toBe(500);
    });

    it('lets errors go on where there is no HTTP', async () => {
      const filter = new AggregationCacheExceptionFilter(new HttpAdapterHost());
      const host = (type: string) => ({ getType: () => type }) as ArgumentsHost;
      const error = of('NO_MEMBER');
      const result = filter.catch(error, host('rpc')) as Observable<never>;
      await expect(firstValueFrom(result)).rejects.toBe(error);
      expect(() => filter.catch(error, host('ws'))).toThrow(error);
    });

    it('gives its answers to filters of other people', () => {
      const error = of('NO_MEMBER');
      const answer = aggregationCacheAnswer(error);
      expect(answer?.exception.getStatus()).toBe(503);
      expect(answer?.exception.cause).toBe(error);
      expect(aggregationCacheAnswer(of('INVALID_OPTION'))).toBeUndefined();
    });
  });
}
