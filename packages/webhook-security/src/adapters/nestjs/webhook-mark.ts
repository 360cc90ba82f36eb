import type { BodyGate } from '../body-gate.js';

/** Under this name a route's config says which webhook it belongs to. */
export const webhookMark: unique symbol = Symbol.for('@nestcms/webhook-security.route');

/**
 * Under this name a server instance holds, route by route, what reads a body within its limits. On the instance,
 * because an application may load this package as ESM and as CommonJS, and what reads bodies is set once.
 */
export const gatesKey: unique symbol = Symbol.for('@nestcms/webhook-security.gates');

/** By the marks of the routes. */
export type Gates = Map<unknown, BodyGate>;

/** Where Nest keeps a route's config, on the method and on the handler it makes of it. */
export const routeConfigKey = '__fastify_route_config__';

export function markIn(config: object | undefined): unknown {
  return (config as { readonly [webhookMark]?: object } | undefined)?.[webhookMark];
}
