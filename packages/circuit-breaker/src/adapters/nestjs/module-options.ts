import type { InjectionToken, ModuleMetadata, OptionalFactoryDependency } from '@nestjs/common';
import { InvalidOptionError } from '../../errors.js';
import type { CircuitBreakerOptions } from '../../options.js';
import type { CircuitBreakerRegistry } from '../../registry/registry.js';
import { readFlag, readText, refuseUnknown } from '../../validation.js';

/** A breaker by its name, or with options of its own. */
export type BreakerDefinition = string | CircuitBreakerOptions;

export interface CircuitBreakerModuleOptions {
  /** What the breakers live in. Default: a registry of the application's own. */
  readonly registry?: CircuitBreakerRegistry | undefined;
  /** Options that every breaker of this application begins with. Default: none. */
  readonly defaults?: Omit<CircuitBreakerOptions, 'name'> | undefined;
  /** Breakers that are made at the start and can be injected everywhere. Default: none. */
  readonly breakers?: readonly BreakerDefinition[] | undefined;
  /**
   * Whether the breakers are shut down once the application has closed its connections. Default: yes, unless
   * `registry` was brought along, which others may use.
   */
  readonly shutDown?: boolean | undefined;
}

export interface CircuitBreakerModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[] | undefined;
  readonly useFactory: (
    // The values behind `inject`, which Nest hands over untyped.
    ...args: never[]
  ) => CircuitBreakerModuleOptions | Promise<CircuitBreakerModuleOptions>;
  /** Names of the breakers in what the factory gives, so that they can be injected everywhere. Default: none. */
  readonly names?: readonly string[] | undefined;
}

const OPTIONS = ['registry', 'defaults', 'breakers', 'shutDown'];

/** @throws InvalidOptionError for an unknown or impossible option */
export const readModuleOptions = (
  options: CircuitBreakerModuleOptions,
): CircuitBreakerModuleOptions => {
  refuseUnknown('', options, OPTIONS);
  const { registry, defaults = {}, breakers = [] } = options;
  readFlag('shutDown', options.shutDown, false);
  refuseUnknown(
    'defaults',
    defaults,
    Object.keys(defaults ?? {}).filter((key) => key !== 'name'),
  );
  if (registry !== undefined && typeof registry?.getOrCreate !== 'function') {
    const allowed = 'a CircuitBreakerRegistry';
    throw new InvalidOptionError({ option: 'registry', value: registry, allowed });
  }
  nameEach('breakers', breakers);
  return options;
};

/** The names in a list of breakers. @throws InvalidOptionError for a list that is none, or a breaker without a name */
export const nameEach = (option: string, breakers: readonly BreakerDefinition[]): string[] => {
  if (!Array.isArray(breakers)) {
    const allowed = 'a list of names or options of breakers';
    throw new InvalidOptionError({ option, value: breakers, allowed });
  }
  return breakers.map((breaker: BreakerDefinition, place) =>
    readText(
      `${option}[${place}]${typeof breaker === 'string' ? '' : '.name'}`,
      typeof breaker === 'string' ? breaker : breaker?.name,
    ),
  );
};

/** The breaker that `definition` means, made on first use. */
export const breakerOf = (
  registry: CircuitBreakerRegistry,
  { defaults }: CircuitBreakerModuleOptions,
  definition: BreakerDefinition,
) => {
  if (typeof definition !== 'string') return registry.getOrCreate({ ...defaults, ...definition });
  // A name alone asks for no options: whoever gave some, here or elsewhere, has decided.
  return registry.get(definition) ?? registry.getOrCreate({ ...defaults, name: definition });
};
