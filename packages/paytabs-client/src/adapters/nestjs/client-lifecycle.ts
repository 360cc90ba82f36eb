import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { PayTabsClient } from '../../client/paytabs-client.js';
import type { ReconcileLoopOptions, RoundFailure } from '../../client/reconcile-loop.js';
import { isPayTabsError } from '../../errors.js';
import type { PayTabsModuleOptions, PayTabsReconcileOptions } from './module-options.js';
import { isEndHandlerClass } from './paytabs-end-handler.js';
import { CLIENTS, MODULE_OPTIONS } from './tokens.js';

/**
 * Starts reconciling with the application, and stops it first of all when it shuts down, while what the handler needs
 * is still there. Closes the clients last, so that requests that still run are served to their end.
 */
export class ClientLifecycle
  implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown
{
  readonly #clients: ReadonlyMap<string, PayTabsClient>;
  readonly #options: PayTabsModuleOptions;
  readonly #modules: ModuleRef;
  readonly #logger = new Logger('PayTabsModule');
  #stops: (() => Promise<void>)[] = [];

  constructor(
    clients: ReadonlyMap<string, PayTabsClient>,
    options: PayTabsModuleOptions,
    modules: ModuleRef,
  ) {
    this.#clients = clients;
    this.#options = options;
    this.#modules = modules;
  }

  onApplicationBootstrap(): void {
    const { reconcile } = this.#options;
    if (reconcile === undefined) return;
    const handlers = this.#handlersOf(reconcile);
    for (const [name, client] of this.#clients) {
      const onFailed = (failure: RoundFailure) => this.#warn(name, failure);
      this.#stops.push(client.startReconciling({ onFailed, ...reconcile, ...handlers }));
    }
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.#stops.splice(0).map((stop) => stop()));
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
  }

  #handlersOf({
    onEnded,
  }: PayTabsReconcileOptions): Pick<ReconcileLoopOptions, 'onEnded' | 'onFailed'> {
    if (!isEndHandlerClass(onEnded)) return { onEnded: onEnded as ReconcileLoopOptions['onEnded'] };
    const handler = this.#modules.get(onEnded, { strict: false });
    return {
      onEnded: (end) => handler.onEnded(end),
      ...(handler.onFailed === undefined
        ? {}
        : { onFailed: (failure) => handler.onFailed?.(failure) }),
    };
  }

  #warn(name: string, { cartId, error }: RoundFailure): void {
    const of = cartId === undefined ? '' : ` of "${cartId}"`;
    const what = isPayTabsError(error) ? error.code : String(error);
    this.#logger.warn(`Reconciling${of} with client "${name}" failed, and is tried again: ${what}`);
  }
}
Injectable()(ClientLifecycle);
Inject(CLIENTS)(ClientLifecycle, undefined, 0);
Inject(MODULE_OPTIONS)(ClientLifecycle, undefined, 1);
Inject(ModuleRef)(ClientLifecycle, undefined, 2);
