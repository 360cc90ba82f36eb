import { inspect } from 'node:util';

const SECRETS = new Set(['mongodbUri', 'redisStateUrl', 'redisCacheUrl', 'secret', 'serverKey']);

/** The same settings, whose secrets do not show when they are printed or turned into JSON. */
export function hideSecrets<T extends object>(settings: T): T {
  const shown = (): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [
        name,
        SECRETS.has(name) ? '[hidden]' : value,
      ]),
    );
  Object.defineProperty(settings, inspect.custom, { value: shown });
  Object.defineProperty(settings, 'toJSON', { value: shown });
  return settings;
}
