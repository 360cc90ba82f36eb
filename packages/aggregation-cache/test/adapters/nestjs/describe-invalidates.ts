import { Controller, type ExecutionContext, Get, Post } from '@nestjs/common';
import { of, throwError } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import {
  AggregationCacheModule,
  aggregationCacheToken,
  Invalidates,
} from '../../../src/adapters/nestjs/index.js';
import type { AggregationCache } from '../../../src/index.js';
import { Gate } from '../../support/gate.js';
import type { NestUnderTest } from './describe-nest.js';
import { cacheOptions, startApp } from './start-app.js';

const idOf = (context: ExecutionContext) =>
  context.switchToHttp().getRequest<{ params: { id: string } }>().params.id;

@Controller('contracts')
class ContractsController {
  @Post()
  @Invalidates({ collections: ['contracts'] })
  async create() {
    return { id: '7' };
  }

  @Post('fails')
  @Invalidates({ collections: ['contracts'] })
  fail(): never {
    throw new Error('not written');
  }

  @Post('stream')
  @Invalidates({ collections: ['contracts'] })
  stream() {
    return of(1, 2);
  }

  @Post('stream-fails')
  @Invalidates({ collections: ['contracts'] })
  failLater() {
    return throwError(() => new Error('not written'));
  }

  @Post('by/:id')
  @Invalidates(({ context, result }) => ({
    documents: [{ collection: 'contracts', ids: [idOf(context), (result as { id: string }).id] }],
  }))
  async change() {
    return { id: '8' };
  }

  @Get('nothing')
  @Invalidates(() => undefined)
  nothing() {
    return 'nothing';
  }

  @Post('blog')
  @Invalidates({ tags: ['posts'] }, { cache: 'blog' })
  blog() {
    return 'blog';
  }
}

@Controller('users')
@Invalidates({ collections: ['users'] })
class UsersController {
  @Post()
  create() {
    return 'user';
  }
}

const post = { method: 'POST' };

export function describeInvalidates(nest: NestUnderTest): void {
  describe('@Invalidates', () => {
    const start = async () => {
      const caches = { default: cacheOptions(), blog: cacheOptions() };
      const { app, ask } = await startApp(nest, {
        imports: [AggregationCacheModule.forRoot({ caches })],
        controllers: [ContractsController, UsersController],
      });
      const spy = (name: string) =>
        vi
          .spyOn(app.get<AggregationCache>(aggregationCacheToken(name)), 'invalidate')
          .mockResolvedValue({});
      return { ask, invalidate: spy('default'), blog: spy('blog') };
    };

    it('invalidates when the handler has succeeded, before its answer goes out', async () => {
      const { ask, invalidate } = await start();
      const gate = new Gate();
      invalidate.mockImplementation(async () => {
        await gate.pass();
        return {};
      });
      let isAnswered = false;
      const answer = ask('/contracts', post).finally(() => {
        isAnswered = true;
      });
      await gate.reached;
      await new Promise(setImmediate);
      expect(isAnswered).toBe(false);
      gate.open();
      expect(await answer).toEqual({ status: 201, body: { id: '7' } });
      expect(invalidate).toHaveBeenCalledExactlyOnceWith({ collections: ['contracts'] });
    });

    it.each(['fails', 'stream-fails'])('does nothing when the handler %s', async (path) => {
      const { ask, invalidate } = await start();
      expect((await ask(`/contracts/${path}`, post)).status).toBe(500);
      expect(invalidate).not.toHaveBeenCalled();
    });

    it('invalidates once at the end of a stream', async () => {
      const { ask, invalidate } = await start();
      expect(await ask('/contracts/stream', post)).toMatchObject({ status: 201 });
      expect(invalidate).toHaveBeenCalledTimes(1);
    });

    it('finds out what from the call and its result, which may be nothing', async () => {
      const { ask, invalidate } = await start();
      await ask('/contracts/by/7', post);
      expect(invalidate).toHaveBeenCalledExactlyOnceWith({
        documents: [{ collection: 'contracts', ids: ['7', '8'] }],
      });
      expect((await ask('/contracts/nothing')).body).toBe('nothing');
      expect(invalidate).toHaveBeenCalledTimes(1);
    });

    it('invalidates in the cache of the given name', async () => {
      const { ask, invalidate, blog } = await start();
      await ask('/contracts/blog', post);
      expect(blog).toHaveBeenCalledExactlyOnceWith({ tags: ['posts'] });
      expect(invalidate).not.toHaveBeenCalled();
    });

    it('serves every handler of a controller', async () => {
      const { ask, invalidate } = await start();
      expect((await ask('/users', post)).body).toBe('user');
      expect(invalidate).toHaveBeenCalledExactlyOnceWith({ collections: ['users'] });
    });

    it('answers with the error of an invalidation that fails', async () => {
      const { ask, invalidate } = await start();
      invalidate.mockRejectedValue(new Error('closed'));
      expect((await ask('/contracts', post)).status).toBe(500);
    });

    it.each<[string, unknown, object, string]>([
      ['nothing', {}, {}, 'invalidation'],
      ['what is no list', { collections: 'contracts' }, {}, 'collections'],
      ['an unknown option', { tags: ['a'] }, { name: 'x' }, 'name'],
      ['a blank name', { tags: ['a'] }, { cache: ' ' }, 'cache'],
      ['what is no token', { tags: ['a'], after: 'now' }, {}, 'after'],
    ])('refuses %s when it is declared', (_what, what, options, option) => {
      expect(() => Invalidates(what as never, options)).toThrow(
        expect.objectContaining({
          code: 'INVALID_OPTION',
          details: expect.objectContaining({ option }),
        }),
      );
    });
  });
}
