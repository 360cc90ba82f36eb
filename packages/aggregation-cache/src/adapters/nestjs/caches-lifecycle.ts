import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { AggregationCacheModuleOptions, Caches } from './module-options.js';
import { CACHES, MODULE_OPTIONS } from './tokens.js';

/**
 * Logs at the start what the caches' databases lack, and closes the caches with the application. Not before its
 * connections are closed: requests that still run when it is told to stop are served to their end.
 */
export class CachesLifecycle implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #caches: Caches;
  readonly #classes: AggregationCacheModuleOptions['classes'];
  readonly #logger = new Logger('AggregationCacheModule');

  constructor(caches: Caches, { classes }: AggregationCacheModuleOptions) {
    this.#caches = caches;
    this.#classes = classes;
  }

  /** Nobody waits for it: a database that is away must not hold the application up. */
  onApplicationBootstrap(): void {
    for (const [name, cache] of this.#caches) {
      const told = cache.ready(this.#classes?.[name]);
      told.then(
        (sentences) => {
          for (const sentence of sentences) this.#logger.warn(`${name}: ${sentence}`);
        },
        // Closed before.
        () => {},
      );
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.#caches.values()].map((cache) => cache.close()));
  }
}
Injectable()(CachesLifecycle);
Inject(CACHES)(CachesLifecycle, undefined, 0);
Inject(MODULE_OPTIONS)(CachesLifecycle, undefined, 1);
