import type { InjectionToken, ModuleMetadata, OptionalFactoryDependency } from '@nestjs/common';
import type { AggregationCache } from '../../cache/aggregation-cache.js';
import type { AnyClass } from '../../cache/warm-up.js';
import { invalidOption } from '../../errors.js';
import type { AggregationCacheOptions } from '../../options.js';
import { readText, refuseUnknown } from '../../validation.js';

/** The name of the cache that is injected by its class. */
export const DEFAULT_NAME = 'default';

export type Caches = ReadonlyMap<string, AggregationCache>;

export interface AggregationCacheModuleOptions {
  /**
   * Options of the caches by name, one for each database. The one named `default`, or the only one, is injected
   * by its class.
   */
  readonly caches: Readonly<Record<string, AggregationCacheOptions>>;
  /** Classes by the name of the cache they are read with: which members they lack is logged at the start. */
  readonly classes?: Readonly<Record<string, readonly AnyClass[]>> | undefined;
}

export interface AggregationCacheModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[] | undefined;
  readonly useFactory: (
    // The values behind `inject`, which Nest hands over untyped.
    ...args: never[]
  ) => AggregationCacheModuleOptions | Promise<AggregationCacheModuleOptions>;
  /** Names of the caches that the factory gives options for. Default: `default` alone. */
  readonly names?: readonly string[] | undefined;
}

/** @throws INVALID_OPTION; what is in `caches` each cache checks */
export const readModuleOptions = (
  options: AggregationCacheModuleOptions,
): AggregationCacheModuleOptions => {
  refuseUnknown('', options, ['caches', 'classes']);
  const { caches, classes = {} } = options;
  const isObject = typeof caches === 'object' && caches !== null && !Array.isArray(caches);
  if (!isObject || Object.keys(caches).length === 0) {
    throw invalidOption('caches', caches, 'an object of cache options by name');
  }
  for (const name of Object.keys(caches)) readText('caches', name);
  refuseUnknown('classes', classes, Object.keys(caches));
  for (const [name, list] of Object.entries(classes)) {
    if (!Array.isArray(list)) throw invalidOption(`classes.${name}`, list, 'a list of classes');
  }
  return options;
};

/** @throws INVALID_OPTION unless the caches have these names, neither more nor fewer */
export const checkNames = (
  names: readonly string[],
  given: Readonly<Record<string, unknown>>,
): void => {
  const missing = names.find((name) => !Object.hasOwn(given, name));
  if (missing !== undefined) {
    throw invalidOption(`caches.${missing}`, undefined, 'given by the factory, for it is in names');
  }
  const unnamed = Object.keys(given).find((name) => !names.includes(name));
  if (unnamed !== undefined) {
    throw invalidOption('names', names, `a list with '${unnamed}', which the factory gives`);
  }
};
