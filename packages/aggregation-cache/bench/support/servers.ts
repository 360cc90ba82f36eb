import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';

// The test bed is imported from its sources, where Node itself does not find the `.ts` that a `.js` stands for.
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL) {
      const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
      if (existsSync(fileURLToPath(source))) return next(source.href, context);
    }
    return next(specifier, context);
  },
});

/** Real servers, ended with this process. */
export const testbed: typeof import('@nestcms/testbed') = await import('@nestcms/testbed');

/** A connection that outlives its server, and says nothing of it. */
export const connectTo = (url: string): Redis => {
  const redis = new Redis(url, { retryStrategy: () => 50 });
  redis.on('error', () => {});
  return redis;
};
