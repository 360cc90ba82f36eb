import * as web from '../../src/platform/web/index.js';

/** The platform of the web build, but warnings go where the tests of both look for them. */
export const webPlatform = {
  ...web,
  warn: (text: string) => process.emitWarning(text, 'WebhookSecurityWarning'),
};
