import type { InjectionToken } from '@nestjs/common';

/** Under this token an application injects the cache of that name; `@InjectAggregationCache(name)` uses it. */
export const aggregationCacheToken = (name: string): InjectionToken =>
  `@nestcms/aggregation-cache/cache:${name}`;

/** Under this token stand the options given to `forRoot`. */
export const MODULE_OPTIONS: InjectionToken = '@nestcms/aggregation-cache/options';

/** Under this token stand all caches of the application, by name. */
export const CACHES: InjectionToken = '@nestcms/aggregation-cache/caches';
