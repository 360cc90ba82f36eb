import {
  applyDecorators,
  createParamDecorator,
  type ExecutionContext,
  HttpCode,
  type InjectionToken,
  UseInterceptors,
} from '@nestjs/common';
import { invalidChoice, optionalFunction, refuseUnknown } from '../../validation.js';
import { type BodyLimitOptions, bodyLimitNames, limitsOf } from '../body-gate.js';
import {
  type ChallengedContext,
  createWebhookInterceptor,
  verdictOf,
} from './webhook-interceptor.js';
import { routeConfigKey, webhookMark } from './webhook-mark.js';

export interface WebhookRouteOptions extends BodyLimitOptions {
  /**
   * `throw` (default): a refused request is answered with its status and `{ reason }`, the handler
   * does not run. `handle`: the handler runs for refused requests too and reads the verdict; for
   * browser returns that show a page either way.
   */
  readonly refused?: 'throw' | 'handle';
  /**
   * Runs for a handshake before it is answered, e.g. to open what SNS wants opened. When it throws, the
   * request fails as when the handler does.
   */
  readonly onChallenged?: (context: ChallengedContext) => unknown;
}

/**
 * Makes a controller method a webhook: verified on its raw bytes, which only this route receives.
 * `@Post('hooks/paytabs') @WebhookRoute(PAYTABS_VERIFIER)`; the token names a provider made with
 * `createWebhookVerifier`. The answer's status is 200 unless the handler sets another.
 * @throws WebhookSecurityError INVALID_OPTION
 */
export function WebhookRoute(
  verifierToken: InjectionToken,
  options: WebhookRouteOptions = {},
): MethodDecorator {
  refuseUnknown('', options, ['refused', 'onChallenged', ...bodyLimitNames]);
  const { refused = 'throw' } = options;
  if (refused !== 'throw' && refused !== 'handle') {
    throw invalidChoice('refused', refused, "'throw' or 'handle'");
  }
  const onChallenged = optionalFunction('onChallenged', options.onChallenged);
  const mark = Object.freeze({});
  const limits = limitsOf(options);
  const route = { verifierToken, mark, refused, limits, onChallenged, takesResponse: false };
  return applyDecorators(
    HttpCode(200),
    UseInterceptors(createWebhookInterceptor(route)),
    markRoute(mark),
    noteResponse(route),
  );
}

/** Adds the mark to the route's config and keeps what other decorators put there. */
function markRoute(mark: object): MethodDecorator {
  return (_target, _name, descriptor) => {
    const handler = descriptor.value as object;
    const config: object = Reflect.getMetadata(routeConfigKey, handler) ?? {};
    Reflect.defineMetadata(routeConfigKey, { ...config, [webhookMark]: mark }, handler);
  };
}

/** Where Nest keeps the parameters of a handler, and whether it sends what the handler returns all the same. */
const parametersKey = '__routeArguments__';
const passthroughKey = '__responsePassthrough__';
/** How the name of a parameter with `@Res()` begins there. */
const responseKind = '1:';

/** Decorators of parameters come before those of the method. */
function noteResponse(route: { takesResponse: boolean }): MethodDecorator {
  return (target, name) => {
    const controller = target.constructor;
    const parameters: object = Reflect.getMetadata(parametersKey, controller, name) ?? {};
    const passes: unknown = Reflect.getMetadata(passthroughKey, controller, name);
    const hasResponse = Object.keys(parameters).some((key) => key.startsWith(responseKind));
    route.takesResponse = hasResponse && passes !== true;
  };
}

/** The verdict on the request; accepted, unless the route was made with `refused: 'handle'`. */
export const WebhookVerdict = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  verdictOf(context.switchToHttp().getRequest<object>()),
);
