import { type DynamicModule, type InjectionToken, Module, type Provider } from '@nestjs/common';
import { PayTabsClient } from '../../client/paytabs-client.js';
import { isPayTabsError } from '../../errors.js';
import type { PayTabsClientOptions } from '../../options.js';
import { ClientLifecycle } from './client-lifecycle.js';
import { payTabsToken } from './inject-paytabs.js';
import {
  checkNames,
  DEFAULT_NAME,
  type PayTabsModuleAsyncOptions,
  type PayTabsModuleOptions,
  readModuleOptions,
  refuse,
} from './module-options.js';
import { CLIENTS, MODULE_OPTIONS } from './tokens.js';

/** The one module of an application that holds its clients. */
class PayTabsCoreModule {}
Module({})(PayTabsCoreModule);

/** Clients in a Nest application: by class or by name, reconciled if wanted, and closed with it. */
// biome-ignore lint/complexity/noStaticOnlyClass: such is a module of Nest.
export class PayTabsModule {
  /**
   * Once, in the root module. The clients can be injected everywhere: with `@InjectPayTabs(name)`, and the one named
   * `default`, or the only one, as `PayTabsClient`.
   * @throws PayTabsError INVALID_OPTION; what is wrong with the options of a client stops the application from starting
   */
  static forRoot(options: PayTabsModuleOptions): DynamicModule {
    const read = readModuleOptions(options);
    return core({
      options: { provide: MODULE_OPTIONS, useValue: read },
      names: Object.keys(read.clients),
    });
  }

  /** As `forRoot`, with options from a factory. What is wrong with them stops the application from starting. */
  static forRootAsync(options: PayTabsModuleAsyncOptions): DynamicModule {
    const { imports, inject = [], useFactory, names = [DEFAULT_NAME] } = options;
    const make = useFactory as (...args: unknown[]) => ReturnType<typeof useFactory>;
    return core({
      imports,
      options: {
        provide: MODULE_OPTIONS,
        inject,
        useFactory: async (...args: unknown[]) => {
          const read = readModuleOptions(await make(...args));
          checkNames(names, read.clients);
          return read;
        },
      },
      names,
    });
  }
}
Module({})(PayTabsModule);

type Clients = ReadonlyMap<string, PayTabsClient>;

interface CoreParts {
  readonly imports?: DynamicModule['imports'] | undefined;
  readonly options: Provider;
  readonly names: readonly string[];
}

function core({ imports, options, names }: CoreParts): DynamicModule {
  const clientAs = (provide: InjectionToken, name: string) => ({
    provide,
    inject: [CLIENTS],
    useFactory: (clients: Clients) => clients.get(name),
  });
  const byName = names.map((name) => clientAs(payTabsToken(name), name));
  const unnamed = names.length === 1 ? names[0] : names.find((name) => name === DEFAULT_NAME);
  // Of several none is taken by chance: whose money it is must be said.
  const byClass = unnamed === undefined ? [] : [clientAs(PayTabsClient, unnamed)];
  const all = { provide: CLIENTS, inject: [MODULE_OPTIONS], useFactory: makeClients };
  return {
    module: PayTabsCoreModule,
    global: true,
    ...(imports === undefined ? {} : { imports }),
    providers: [options, all, ...byName, ...byClass, ClientLifecycle],
    exports: [...byName, ...byClass],
  };
}

const makeClients = ({ clients }: PayTabsModuleOptions): Clients =>
  new Map(Object.entries(clients).map(([name, options]) => [name, makeClient(name, options)]));

/** @throws PayTabsError INVALID_OPTION that says of which client */
function makeClient(name: string, options: PayTabsClientOptions): PayTabsClient {
  try {
    return new PayTabsClient(options);
  } catch (error) {
    if (!isPayTabsError(error, 'INVALID_OPTION')) throw error;
    throw refuse(`clients.${name}.${error.message}`);
  }
}
