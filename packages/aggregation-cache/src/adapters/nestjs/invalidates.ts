import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { concatWith, defer, ignoreElements, type Observable, tap } from 'rxjs';
import { AggregationCache } from '../../cache/aggregation-cache.js';
import { dependenciesMovedBy } from '../../cache/invalidation.js';
import { type Invalidation, readToken } from '../../cache/requests.js';
import { readText, refuseUnknown } from '../../validation.js';
import { aggregationCacheToken } from './tokens.js';

/** A handler that has succeeded. */
export interface HandlerSucceeded {
  /** What it gave, of a stream the last. */
  readonly result: unknown;
  readonly context: ExecutionContext;
}

export interface InvalidatesOptions {
  /** The name of the cache. Default: the one that is injected by its class. */
  readonly cache?: string | undefined;
}

/**
 * Invalidates when the handler has succeeded, before its answer goes out: whoever has got the answer reads nothing
 * from before. What it is may depend on the call; undefined stands for nothing.
 * @example
 * \@Patch(':id') \@Invalidates({ collections: ['contracts'] })
 * \@Delete(':id') \@Invalidates(({ context }) => ({ documents: [{ collection: 'contracts', ids: [idOf(context)] }] }))
 * @throws INVALID_OPTION
 */
export const Invalidates = (
  what: Invalidation | ((succeeded: HandlerSucceeded) => Invalidation | undefined),
  options: InvalidatesOptions = {},
): MethodDecorator & ClassDecorator => {
  refuseUnknown('', options, ['cache']);
  const token =
    options.cache === undefined
      ? AggregationCache
      : aggregationCacheToken(readText('cache', options.cache));
  if (typeof what !== 'function') {
    // What is wrong with it is wrong at every call.
    dependenciesMovedBy(what, 'database');
    readToken('after', what.after);
  }

  class InvalidatingInterceptor implements NestInterceptor {
    readonly #cache: AggregationCache;

    constructor(cache: AggregationCache) {
      this.#cache = cache;
    }

    intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
      let result: unknown;
      const invalidate = async () => {
        const invalidation = typeof what === 'function' ? what({ context, result }) : what;
        if (invalidation !== undefined) await this.#cache.invalidate(invalidation);
      };
      return next.handle().pipe(
        tap((value) => {
          result = value;
        }),
        concatWith(defer(invalidate).pipe(ignoreElements())),
      );
    }
  }
  Injectable()(InvalidatingInterceptor);
  Inject(token)(InvalidatingInterceptor, undefined, 0);
  return UseInterceptors(InvalidatingInterceptor);
};
