import { Inject, type InjectionToken } from '@nestjs/common';

/** Under this token an application injects the client of that name; `@InjectPayTabs(name)` uses it. */
export const payTabsToken = (name: string): InjectionToken =>
  `@nestcms/paytabs-client/client:${name}`;

/**
 * Injects the client of that name: `constructor(@InjectPayTabs('shop') client: PayTabsClient)`. It must be among the
 * `clients` of `forRoot`; else the application does not start.
 */
export const InjectPayTabs = (name: string): PropertyDecorator & ParameterDecorator =>
  Inject(payTabsToken(name));
