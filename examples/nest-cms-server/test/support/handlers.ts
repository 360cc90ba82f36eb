import type { INestApplication } from '@nestjs/common';
import { PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import type { z } from 'zod';
import { ACCESS, type Access } from '../../src/identity/access.js';

/** What a route's metadata say of it. */
export interface Handler {
  /** Begins the id of its operations in the API description: `OfferController_list`. */
  readonly operation: string;
  readonly access: Access;
  /** The keys of its query's schema. */
  readonly query: readonly string[];
  /** Names of the request headers that it takes. */
  readonly headers: readonly string[];
}

interface Argument {
  readonly schema?: z.ZodObject;
  readonly data?: { readonly name?: string; readonly schema?: z.ZodType };
}

/** Every handler of the application, by the same metadata that check the requests. */
export function handlersOf(app: INestApplication): Handler[] {
  const reflector = app.get(Reflector);
  const scanner = app.get(MetadataScanner);
  return app
    .get(DiscoveryService)
    .getControllers()
    .flatMap(({ metatype }) => {
      if (typeof metatype !== 'function') return [];
      const prototype = metatype.prototype as Record<string, () => unknown>;
      return scanner.getAllMethodNames(prototype).flatMap((name): Handler[] => {
        const handler = prototype[name];
        if (handler === undefined || !Reflect.hasMetadata(PATH_METADATA, handler)) return [];
        const access = reflector.getAllAndOverride<Access>(ACCESS, [handler, metatype]);
        const all = Object.entries(
          (Reflect.getMetadata(ROUTE_ARGS_METADATA, metatype, name) ?? {}) as Record<
            string,
            Argument
          >,
        );
        const query = all.filter(([key]) => key.startsWith(`${RouteParamtypes.QUERY}:`));
        return [
          {
            operation: `${metatype.name}_${name}`,
            access,
            query: query.flatMap(([, { schema }]) => Object.keys(schema?.shape ?? {})),
            headers: all.flatMap(([, { data }]) => (data?.name && data.schema ? [data.name] : [])),
          },
        ];
      });
    });
}
