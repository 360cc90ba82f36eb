import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { InvalidOptionError } from '../../errors.js';
import { CircuitBreakerRegistry } from '../../registry/registry.js';
import { CircuitBreakerHealth } from './circuit-breaker-health.js';
import {
  type BreakerDefinition,
  breakerOf,
  type CircuitBreakerModuleAsyncOptions,
  type CircuitBreakerModuleOptions,
  nameEach,
  readModuleOptions,
} from './module-options.js';
import { RegistryLifecycle } from './registry-lifecycle.js';
import { breakerToken, MODULE_OPTIONS } from './tokens.js';

/** The one module of an application that holds its registry. */
class CircuitBreakerCoreModule {}
Module({})(CircuitBreakerCoreModule);

/** Breakers in a Nest application: one registry, breakers by name, and their state for health checks. */
// biome-ignore lint/complexity/noStaticOnlyClass: such is a module of Nest.
export class CircuitBreakerModule {
  /**
   * Once, in the root module. The registry (`CircuitBreakerRegistry`), the `CircuitBreakerHealth` and the
   * breakers named here can be injected everywhere.
   * @throws InvalidOptionError for an unknown or impossible option
   */
  static forRoot(options: CircuitBreakerModuleOptions = {}): DynamicModule {
    const read = readModuleOptions(options);
    return core({
      options: { provide: MODULE_OPTIONS, useValue: read },
      names: nameEach('breakers', read.breakers ?? []),
    });
  }

  /** As `forRoot`, with options from a factory. What is wrong with them stops the application from starting. */
  static forRootAsync(options: CircuitBreakerModuleAsyncOptions): DynamicModule {
    const { imports, inject = [], useFactory, names = [] } = options;
    const make = useFactory as (...args: unknown[]) => ReturnType<typeof useFactory>;
    return core({
      imports,
      options: {
        provide: MODULE_OPTIONS,
        inject,
        useFactory: async (...args: unknown[]) => readModuleOptions(await make(...args)),
      },
      names: nameEach('names', names),
    });
  }

  /**
   * The breakers that a module uses, by name or with options of their own. Several modules may name the same
   * one; it is made once, and refused if they give it different options.
   * @throws InvalidOptionError for a list that is none, or a breaker without a name
   */
  static forFeature(breakers: readonly BreakerDefinition[]): DynamicModule {
    const names = nameEach('breakers', breakers);
    const providers = breakers.map((definition, place) => ({
      provide: breakerToken(names[place] as string),
      inject: [CircuitBreakerRegistry, MODULE_OPTIONS],
      useFactory: (registry: CircuitBreakerRegistry, options: CircuitBreakerModuleOptions) =>
        breakerOf(registry, options, definition),
    }));
    return { module: CircuitBreakerModule, providers, exports: providers };
  }
}
Module({})(CircuitBreakerModule);

interface CoreParts {
  readonly imports?: DynamicModule['imports'] | undefined;
  readonly options: Provider;
  readonly names: readonly string[];
}

const core = ({ imports, options, names }: CoreParts): DynamicModule => {
  const breakers = names.map((name) => ({
    provide: breakerToken(name),
    inject: [CircuitBreakerRegistry],
    useFactory: (registry: CircuitBreakerRegistry) => registry.get(name) ?? refuseMissing(name),
  }));
  const registry = {
    provide: CircuitBreakerRegistry,
    inject: [MODULE_OPTIONS],
    useFactory: makeRegistry,
  };
  const shared = [options, registry, CircuitBreakerHealth, ...breakers];
  return {
    module: CircuitBreakerCoreModule,
    global: true,
    ...(imports === undefined ? {} : { imports }),
    providers: [...shared, RegistryLifecycle],
    exports: [MODULE_OPTIONS, CircuitBreakerRegistry, CircuitBreakerHealth, ...breakers],
  };
};

const makeRegistry = (options: CircuitBreakerModuleOptions): CircuitBreakerRegistry => {
  const registry = options.registry ?? new CircuitBreakerRegistry();
  for (const definition of options.breakers ?? []) breakerOf(registry, options, definition);
  return registry;
};

const refuseMissing = (name: string): never => {
  const allowed = "a name among the factory's breakers";
  throw new InvalidOptionError({ option: 'names', value: name, allowed, isWord: true });
};
