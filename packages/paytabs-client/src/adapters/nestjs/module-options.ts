import type { InjectionToken, ModuleMetadata, OptionalFactoryDependency } from '@nestjs/common';
import { z } from 'zod';
import type { ReconcileLoopOptions } from '../../client/reconcile-loop.js';
import { PayTabsError } from '../../errors.js';
import type { PayTabsClientOptions } from '../../options.js';
import { type EndHandlerClass, isEndHandlerClass } from './paytabs-end-handler.js';

/** The name of the client that is injected by its class. */
export const DEFAULT_NAME = 'default';

export interface PayTabsReconcileOptions
  extends Pick<ReconcileLoopOptions, 'everyMs' | 'limit' | 'onFailed'> {
  /** A function, or a class marked `@PayTabsEndHandler()` that is a provider of the application. */
  readonly onEnded: ReconcileLoopOptions['onEnded'] | EndHandlerClass;
}

export interface PayTabsModuleOptions {
  /**
   * Options of the clients by name, one for each merchant profile. The one named `default`, or the only one, is injected
   * by its class.
   */
  readonly clients: Readonly<Record<string, PayTabsClientOptions>>;
  /** Reconciles all clients from the start of the application until it shuts down. Default: it does not. */
  readonly reconcile?: PayTabsReconcileOptions | undefined;
}

export interface PayTabsModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[] | undefined;
  readonly useFactory: (
    // The values behind `inject`, which Nest hands over untyped.
    ...args: never[]
  ) => PayTabsModuleOptions | Promise<PayTabsModuleOptions>;
  /** Names of the clients that the factory gives options for. Default: `default` alone. */
  readonly names?: readonly string[] | undefined;
}

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A class that is called like a function throws at the first end, which may be days after the start. */
const isPlainClass = (value: unknown): boolean =>
  typeof value === 'function' && !isEndHandlerClass(value) && /^class\b/.test(String(value));

const schema = z.strictObject({
  clients: z.custom<PayTabsModuleOptions['clients']>(
    (value) => isObject(value) && Object.keys(value as object).length > 0,
    'must be an object of client options by name',
  ),
  reconcile: z
    .custom<PayTabsReconcileOptions>(isObject, 'must be { everyMs, onEnded }')
    .refine(({ onEnded }) => !isPlainClass(onEnded), {
      path: ['onEnded'],
      message: 'must be a function, or a class marked @PayTabsEndHandler()',
    })
    .optional(),
});

/** @throws PayTabsError INVALID_OPTION; what is in `clients` and `reconcile` each client checks */
export function readModuleOptions(options: PayTabsModuleOptions): PayTabsModuleOptions {
  const checked = schema.safeParse(options);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw refuse(`${issue?.path.join('.') || 'options'}: ${issue?.message}`);
}

/** @throws PayTabsError INVALID_OPTION unless the clients have these names, neither more nor fewer */
export function checkNames(names: readonly string[], given: Readonly<Record<string, unknown>>) {
  const missing = names.find((name) => !Object.hasOwn(given, name));
  if (missing !== undefined) throw refuse(`names: "${missing}" is not among the clients`);
  const unnamed = Object.keys(given).find((name) => !names.includes(name));
  if (unnamed !== undefined) throw refuse(`names: "${unnamed}" is missing`);
}

export const refuse = (message: string) => new PayTabsError('INVALID_OPTION', message);
