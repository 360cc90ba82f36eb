import {
  applyDecorators,
  createParamDecorator,
  type ExecutionContext,
  SetMetadata,
} from '@nestjs/common';
import { ApiBearerAuth } from '@nestjs/swagger';
import type { Caller, Role } from './caller.js';

/** Metadata key of a route's access: `'public'` or the roles that may call it. */
export const ACCESS = 'nestcms:access';
export type Access = 'public' | readonly Role[];

/** Anyone may call this route. A route with neither this nor {@link Roles} stops the start. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(ACCESS, 'public');

/** Only signed-in callers of these roles may call this route. */
export const Roles = (...roles: readonly [Role, ...Role[]]): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(ACCESS, roles), ApiBearerAuth());

/** The signed-in caller, in a handler's parameters. Not for public routes. */
export const CurrentCaller: () => ParameterDecorator = createParamDecorator(
  (_data: undefined, context: ExecutionContext): Caller => {
    const { caller } = context.switchToHttp().getRequest<{ caller?: Caller }>();
    if (caller === undefined) throw new Error('CurrentCaller was used on a public route');
    return caller;
  },
);
