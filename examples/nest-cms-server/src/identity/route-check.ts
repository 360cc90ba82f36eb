import { PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ACCESS, type Access } from './access.js';

/** Parameters that come from outside, with the schema each must name. */
const FROM_OUTSIDE: ReadonlyMap<number, string> = new Map([
  [RouteParamtypes.BODY, '@Body'],
  [RouteParamtypes.QUERY, '@Query'],
  [RouteParamtypes.PARAM, '@Param'],
  [RouteParamtypes.HEADERS, '@Headers'],
]);

/**
 * Refuses the start if a route says nothing of who may call it, or takes something from outside without a schema.
 * @throws Error naming every such route
 */
export function checkRoutes(app: NestFastifyApplication): void {
  const reflector = app.get(Reflector);
  const scanner = app.get(MetadataScanner);
  const problems: string[] = [];
  for (const { metatype } of app.get(DiscoveryService).getControllers()) {
    if (typeof metatype !== 'function') continue;
    const prototype = metatype.prototype as Record<string, () => unknown>;
    for (const name of scanner.getAllMethodNames(prototype)) {
      const handler = prototype[name];
      if (handler === undefined || !Reflect.hasMetadata(PATH_METADATA, handler)) continue;
      const route = `${metatype.name}.${name}`;
      const access = reflector.getAllAndOverride<Access | undefined>(ACCESS, [handler, metatype]);
      if (access === undefined) problems.push(`${route} has neither @Public() nor @Roles(…)`);
      for (const decorator of withoutSchema(metatype, name)) {
        problems.push(`${route} has a ${decorator} without a schema`);
      }
    }
  }
  if (problems.length > 0) {
    throw new Error(`Routes are not complete:\n  ${problems.join('\n  ')}`);
  }
}

function withoutSchema(controller: object, handler: string): string[] {
  const args = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, handler) ?? {}) as Record<
    string,
    { schema?: unknown }
  >;
  return Object.entries(args).flatMap(([key, { schema }]) => {
    // `3:0` is the body as first parameter; the keys of custom decorators begin with a random word.
    const kind = /^(\d+):\d+$/.exec(key)?.[1];
    const decorator = kind === undefined ? undefined : FROM_OUTSIDE.get(Number(kind));
    return decorator !== undefined && schema === undefined ? [decorator] : [];
  });
}
