import type { InjectionToken } from '@nestjs/common';

/** Under this token stand the options given to `forRoot`. */
export const MODULE_OPTIONS: InjectionToken = '@nestcms/paytabs-client/options';

/** Under this token stand all clients of the application, by name. */
export const CLIENTS: InjectionToken = '@nestcms/paytabs-client/clients';
