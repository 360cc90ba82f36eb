import { type DynamicModule, type InjectionToken, Module, type Provider } from '@nestjs/common';
import { AggregationCache } from '../../cache/aggregation-cache.js';
import { AggregationCacheError, isAggregationCacheError } from '../../errors.js';
import type { AggregationCacheOptions } from '../../options.js';
import { AggregationCacheHealth } from './aggregation-cache-health.js';
import { CachesLifecycle } from './caches-lifecycle.js';
import {
  type AggregationCacheModuleAsyncOptions,
  type AggregationCacheModuleOptions,
  type Caches,
  checkNames,
  DEFAULT_NAME,
  readModuleOptions,
} from './module-options.js';
import { aggregationCacheToken, CACHES, MODULE_OPTIONS } from './tokens.js';

/** The one module of an application that holds its caches. */
class AggregationCacheCoreModule {}
Module({})(AggregationCacheCoreModule);

/** Caches in a Nest application: by class or by name, with their state for health checks, closed with it. */
// biome-ignore lint/complexity/noStaticOnlyClass: such is a module of Nest.
export class AggregationCacheModule {
  /**
   * Once, in the root module. The caches can be injected everywhere: with `@InjectAggregationCache(name)`, and the
   * one named `default`, or the only one, as `AggregationCache`.
   * @throws INVALID_OPTION; what is wrong with the options of a cache stops the application from starting
   */
  static forRoot(options: AggregationCacheModuleOptions): DynamicModule {
    const read = readModuleOptions(options);
    return core({
      options: { provide: MODULE_OPTIONS, useValue: read },
      names: Object.keys(read.caches),
    });
  }

  /** As `forRoot`, with options from a factory. What is wrong with them stops the application from starting. */
  static forRootAsync(options: AggregationCacheModuleAsyncOptions): DynamicModule {
    const { imports, inject = [], useFactory, names = [DEFAULT_NAME] } = options;
    const make = useFactory as (...args: unknown[]) => ReturnType<typeof useFactory>;
    return core({
      imports,
      options: {
        provide: MODULE_OPTIONS,
        inject,
        useFactory: async (...args: unknown[]) => {
          const read = readModuleOptions(await make(...args));
          checkNames(names, read.caches);
          return read;
        },
      },
      names,
    });
  }
}
Module({})(AggregationCacheModule);

interface CoreParts {
  readonly imports?: DynamicModule['imports'] | undefined;
  readonly options: Provider;
  readonly names: readonly string[];
}

const core = ({ imports, options, names }: CoreParts): DynamicModule => {
  const cacheAs = (provide: InjectionToken, name: string) => ({
    provide,
    inject: [CACHES],
    useFactory: (caches: Caches) => caches.get(name),
  });
  const byName = names.map((name) => cacheAs(aggregationCacheToken(name), name));
  const unnamed = names.length === 1 ? names[0] : names.find((name) => name === DEFAULT_NAME);
  // Of several none is taken by chance: whose database it is must be said.
  const byClass = unnamed === undefined ? [] : [cacheAs(AggregationCache, unnamed)];
  const all = { provide: CACHES, inject: [MODULE_OPTIONS], useFactory: makeCaches };
  return {
    module: AggregationCacheCoreModule,
    global: true,
    ...(imports === undefined ? {} : { imports }),
    providers: [options, all, ...byName, ...byClass, AggregationCacheHealth, CachesLifecycle],
    exports: [CACHES, ...byName, ...byClass, AggregationCacheHealth],
  };
};

const makeCaches = ({ caches }: AggregationCacheModuleOptions): Caches =>
  new Map(Object.entries(caches).map(([name, options]) => [name, makeCache(name, options)]));

/** @throws INVALID_OPTION that says of which cache */
const makeCache = (name: string, options: AggregationCacheOptions): AggregationCache => {
  try {
    return new AggregationCache(options);
  } catch (error) {
    if (!isAggregationCacheError(error, 'INVALID_OPTION')) throw error;
    const { details, message } = error;
    const option = `caches.${name}.${details.option}`;
    throw new AggregationCacheError(
      'INVALID_OPTION',
      message.replace(`'${details.option}'`, `'${option}'`),
      { ...details, option },
    );
  }
};
