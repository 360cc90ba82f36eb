import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CircuitBreakerRegistry } from '../../registry/registry.js';
import type { CircuitBreakerModuleOptions } from './module-options.js';
import { MODULE_OPTIONS } from './tokens.js';

/**
 * Shuts the breakers down with the application. Not before its connections are closed: requests that still
 * run when it is told to stop are served to their end.
 */
export class RegistryLifecycle implements OnApplicationShutdown {
  readonly #registry: CircuitBreakerRegistry;
  readonly #shutsDown: boolean;

  constructor(registry: CircuitBreakerRegistry, options: CircuitBreakerModuleOptions) {
    this.#registry = registry;
    this.#shutsDown = options.shutDown ?? options.registry === undefined;
  }

  onApplicationShutdown(): void {
    if (!this.#shutsDown) return;
    for (const breaker of this.#registry.list()) breaker.shutDown();
  }
}
Injectable()(RegistryLifecycle);
Inject(CircuitBreakerRegistry)(RegistryLifecycle, undefined, 0);
Inject(MODULE_OPTIONS)(RegistryLifecycle, undefined, 1);
