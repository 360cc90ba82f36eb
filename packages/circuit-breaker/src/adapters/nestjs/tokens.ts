import type { InjectionToken } from '@nestjs/common';

/** Under this token an application injects the breaker of that name; `@InjectBreaker(name)` uses it. */
export const breakerToken = (name: string): InjectionToken =>
  `@nestcms/circuit-breaker/breaker:${name}`;

/** Under this token stand the options given to `forRoot`. */
export const MODULE_OPTIONS: InjectionToken = '@nestcms/circuit-breaker/options';
