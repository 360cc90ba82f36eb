import { EventEmitter } from 'node:events';
import { Controller, Get, Inject, Injectable, Module } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import {
  AggregationCacheModule,
  type AggregationCacheModuleOptions,
  aggregationCacheToken,
  InjectAggregationCache,
} from '../../../src/adapters/nestjs/index.js';
import {
  AggregationCache,
  type AggregationCacheOptions,
  definePipelineClass,
} from '../../../src/index.js';
import { contracts } from '../../support/classes.js';
import { Gate } from '../../support/gate.js';
import type { NestUnderTest } from './describe-nest.js';
import { cacheOptions, compile, rejection, startApp } from './start-app.js';

@Injectable()
class Reports {
  readonly cache: AggregationCache;
  @InjectAggregationCache() readonly same!: AggregationCache;

  constructor(@Inject(AggregationCache) cache: AggregationCache) {
    this.cache = cache;
  }
}

@Injectable()
class Branches {
  readonly one: AggregationCache;
  @InjectAggregationCache('two') readonly two!: AggregationCache;

  constructor(@InjectAggregationCache('one') one: AggregationCache) {
    this.one = one;
  }
}

const routed = definePipelineClass<void>({
  name: 'routed',
  collection: 'a',
  pipeline: [],
  members: [{ replica: 'replica1' }],
});

const two = () => ({ one: cacheOptions(), two: cacheOptions() });

const refused = (option: string) =>
  expect.objectContaining({ code: 'INVALID_OPTION', details: expect.objectContaining({ option }) });

export function describeModule(nest: NestUnderTest): void {
  describe('AggregationCacheModule', () => {
    it.each(['default', 'shop'])('injects the only cache by its class, named %s', async (name) => {
      @Module({ providers: [Reports] })
      class ReportsModule {}
      const caches = { [name]: cacheOptions() };
      const module = await compile({
        imports: [AggregationCacheModule.forRoot({ caches }), ReportsModule],
      });
      const { cache, same } = module.get(Reports, { strict: false });
      expect(cache).toBeInstanceOf(AggregationCache);
      expect(same).toBe(cache);
      expect(module.get(aggregationCacheToken(name), { strict: false })).toBe(cache);
    });

    it('injects several caches by name, and by class only the one named default', async () => {
      const caches = { ...two(), default: cacheOptions() };
      const module = await compile({
        imports: [AggregationCacheModule.forRoot({ caches })],
        providers: [Branches, Reports],
      });
      const { one, two: second } = module.get(Branches);
      const { cache } = module.get(Reports);
      expect(new Set([one, second, cache]).size).toBe(3);
    });

    it('does not start where a cache is injected by class and several could be meant', async () => {
      const imports = [AggregationCacheModule.forRoot({ caches: two() })];
      const error = await rejection(compile({ imports, providers: [Reports] }));
      expect(String(error)).toContain('AggregationCache');
    });

    it('does not start where a cache is injected that there is not', async () => {
      const imports = [AggregationCacheModule.forRoot({ caches: { one: cacheOptions() } })];
      await expect(compile({ imports, providers: [Branches] })).rejects.toThrow('cache:two');
    });

    it('takes its options from a factory', async () => {
      const options = cacheOptions({ keyPrefix: 'from-factory' });
      @Module({ providers: [{ provide: 'OPTIONS', useValue: options }], exports: ['OPTIONS'] })
      class ConfigModule {}
      const module = await compile({
        imports: [
          AggregationCacheModule.forRootAsync({
            imports: [ConfigModule],
            inject: ['OPTIONS'],
            useFactory: async (given: AggregationCacheOptions) => ({ caches: { default: given } }),
          }),
        ],
        providers: [Reports],
      });
      expect(module.get(Reports).cache).toBeInstanceOf(AggregationCache);
    });

    it('takes several caches from a factory, whose names are told', async () => {
      const module = await compile({
        imports: [
          AggregationCacheModule.forRootAsync({
            useFactory: () => ({ caches: two() }),
            names: ['one', 'two'],
          }),
        ],
        providers: [Branches],
      });
      expect(module.get(Branches).two).toBeInstanceOf(AggregationCache);
    });

    it.each<[string, readonly string[] | undefined, () => object, string]>([
      ['a name without a cache', ['one', 'two', 'x'], () => ({ caches: two() }), 'caches.x'],
      ['a cache whose name was not told', ['one'], () => ({ caches: two() }), 'names'],
      ['caches of other names', undefined, () => ({ caches: two() }), 'caches.default'],
      ['options that are none', undefined, () => ({ cache: {} }), 'cache'],
    ])('does not start with %s', async (_what, names, make, option) => {
      const useFactory = () => make() as AggregationCacheModuleOptions;
      const imports = [
        AggregationCacheModule.forRootAsync({ useFactory, ...(names && { names }) }),
      ];
      expect(await rejection(compile({ imports }))).toEqual(refused(option));
    });

    it('says of which cache an option is wrong', async () => {
      const caches = { ...two(), shop: cacheOptions({ heartbeatMs: 0 }) };
      const error = await rejection(
        compile({ imports: [AggregationCacheModule.forRoot({ caches })] }),
      );
      expect(error).toEqual(refused('caches.shop.heartbeatMs'));
      expect(String(error)).toContain("Option 'caches.shop.heartbeatMs' must be");
    });

    it.each<[string, unknown, string]>([
      ['nothing', undefined, 'options'],
      ['no cache', { caches: {} }, 'caches'],
      ['a list', { caches: [1] }, 'caches'],
      ['a blank name', { caches: { ' ': 1 } }, 'caches'],
      ['an unknown option', { caches: {}, close: true }, 'close'],
      ['classes of no cache', { caches: two(), classes: { three: [] } }, 'classes.three'],
      ['classes that are no list', { caches: two(), classes: { one: routed } }, 'classes.one'],
    ])('refuses %s', (_what, options, option) => {
      expect(() => AggregationCacheModule.forRoot(options as never)).toThrow(refused(option));
    });

    it('logs at the start what the topology of each cache lacks for its classes, and is not held up', async () => {
      const warned: unknown[] = [];
      const log = () => {};
      const warn = (message: unknown) => warned.push(message);
      const client = Object.assign(new EventEmitter(), {
        db: (databaseName: string) => ({
          databaseName,
          bsonOptions: {},
          collection: log,
          command: log,
        }),
        startSession: log,
        connect: async () => {},
        options: {},
      });
      const caches = { shop: { client, database: 'shop' }, blog: cacheOptions() };
      const classes = { shop: [routed] };
      await compile(
        { imports: [AggregationCacheModule.forRoot({ caches, classes })] },
        { log, warn, error: log },
      );
      expect(warned).toEqual([]);
      const server = { address: 'p:1', type: 'RSPrimary', tags: {}, error: null };
      const servers = new Map([['p:1', server]]);
      client.emit('topologyDescriptionChanged', {
        newDescription: { type: 'ReplicaSetWithPrimary', servers },
      });
      await new Promise(setImmediate);
      expect(warned).toEqual([
        `shop: No secondary that can be reached has the tags {"replica":"replica1"}: 'routed' is read from what else it allows.`,
      ]);
    });

    it('closes the caches once the requests under way are served', async () => {
      const gate = new Gate();
      @Controller('slow')
      class SlowController {
        @Get()
        async slow() {
          await gate.pass();
          return 'served';
        }
      }
      const { app, close, ask } = await startApp(nest, {
        imports: [AggregationCacheModule.forRoot({ caches: two() })],
        controllers: [SlowController],
      });
      const caches = ['one', 'two'].map((name) => app.get(aggregationCacheToken(name)));
      const answer = ask('/slow', { headers: { connection: 'close' } });
      await gate.reached;
      const closed = close();
      // Open as long as somebody may still read: refused for its parameters, not for being closed.
      const token = { after: 'none' as never };
      for (const cache of caches) {
        await expect(cache.read(contracts, { id: 1 }, token)).rejects.toMatchObject({
          code: 'INVALID_OPTION',
        });
      }
      gate.open();
      expect(await answer).toEqual({ status: 200, body: 'served' });
      await closed;
      for (const cache of caches) {
        await expect(cache.read(contracts, { id: 1 })).rejects.toMatchObject({ code: 'CLOSED' });
      }
    });
  });
}
