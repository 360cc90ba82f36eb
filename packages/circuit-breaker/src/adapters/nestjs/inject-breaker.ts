import { Inject } from '@nestjs/common';
import { breakerToken } from './tokens.js';

/**
 * Injects the breaker of that name: `constructor(@InjectBreaker('payments') breaker: CircuitBreaker)`. It must
 * be named in `forRoot`, or in a `forFeature` of the module; else the application does not start.
 */
export const InjectBreaker = (name: string): PropertyDecorator & ParameterDecorator =>
  Inject(breakerToken(name));
