import { Injectable, type InjectableOptions } from '@nestjs/common';
import type { RoundFailure } from '../../client/reconcile-loop.js';
import type { EndHandler } from '../../client/reconciler.js';

/** A provider that takes ends into the books of the application. */
export interface TakesEnds {
  /** Called again until it has once resolved, so an end may come twice; `intent.profileId` says of which client. */
  onEnded: EndHandler;
  /** Told what failed in a round. Default: a warning in the log. */
  onFailed?(failure: RoundFailure): void;
}

/** A class of such providers. */
export type EndHandlerClass = new (
  // What Nest injects.
  ...args: never[]
) => TakesEnds;

const mark = Symbol.for('@nestcms/paytabs-client.end-handler');

/**
 * Marks a class whose `onEnded` takes ends: `reconcile: { everyMs: 5_000, onEnded: Books }`. The class is a provider of
 * any module (no `@Injectable()` needed), and no request-scoped one.
 */
export const PayTabsEndHandler =
  (options: InjectableOptions = {}) =>
  <Class extends EndHandlerClass>(target: Class): void => {
    Injectable(options)(target);
    Object.defineProperty(target, mark, { value: true });
  };

export const isEndHandlerClass = (value: unknown): value is EndHandlerClass =>
  typeof value === 'function' && mark in value;
