// @ts-check
/**
 * Lets Node run the workspace's TypeScript, decorators included, without a build. The work is that
 * of @oxc-node/core; its own entry asks a second thread about every single module, those of Node
 * and of dependencies too, which costs a start two seconds.
 */
import { enableCompileCache, registerHooks, setSourceMapsSupport } from 'node:module';
import { join } from 'node:path';
import * as oxc from '@oxc-node/core';
import { PROJECT_ROOT } from './set-up.mjs';

/**
 * @typedef {import('node:module').ResolveHookSync} Resolve
 * @typedef {import('node:module').LoadHookSync} Load
 * @typedef {{ createResolve: (options: object, ...hook: Parameters<Resolve>) => ReturnType<Resolve>, load: Load }} Hooks
 */
// Their own types tell of asynchronous hooks as well.
const { createResolve, load: transformed } = /** @type {Hooks} */ (/** @type {unknown} */ (oxc));

const HELPERS = '@oxc-node/core/helpers/';

/** @param {string | undefined} url */
const isSource = (url) =>
  url !== undefined && /^file:.*\.ts$/.test(url) && !url.includes('/node_modules/');

enableCompileCache(join(PROJECT_ROOT, 'node_modules', '.cache', 'nestcms-compiled'));
setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
registerHooks({
  resolve(specifier, context, next) {
    // What decorators become; a package whose sources use them need not depend on it.
    if (specifier.startsWith(HELPERS)) {
      return next(specifier, { ...context, parentURL: import.meta.url });
    }
    const isOurs = context.parentURL === undefined || isSource(context.parentURL);
    if (isOurs && /^(\.|\/|file:)/.test(specifier))
      return createResolve({}, specifier, context, next);
    return next(specifier, context);
  },
  load(url, context, next) {
    return isSource(url) ? transformed(url, context, next) : next(url, context);
  },
});
