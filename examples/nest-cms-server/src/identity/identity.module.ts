import { type DynamicModule, Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ENVIRONMENT, type Environment } from '../config/environment.js';
import { CLOCK, type Clock } from '../platform/clock.js';
import { RedisState } from '../platform/redis/redis-state.js';
import { PASSWORD_HASHER, type PasswordHasher } from '../protection/password-hasher.js';
import { AccessGuard } from './access.guard.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { RequestToken } from './request-token.js';
import { MemorySessionStore } from './sessions/memory-session-store.js';
import { RedisSessionStore } from './sessions/redis-session-store.js';
import { SessionService } from './sessions/session.service.js';
import { SESSION_STORE, type SessionStore } from './sessions/session-store.js';
import { TokenService } from './tokens.js';
import { UserService } from './user.service.js';
import { UsersController } from './users.controller.js';

/** Who is asking, and may they? Its guard stands in front of every route of every module. */
@Global()
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: Nest makes modules from classes
export class IdentityModule {
  static with(options: { readonly passwordHasher: PasswordHasher }): DynamicModule {
    return {
      module: IdentityModule,
      controllers: [AuthController, UsersController],
      providers: [
        AuthService,
        UserService,
        TokenService,
        RequestToken,
        SessionService,
        { provide: PASSWORD_HASHER, useValue: options.passwordHasher },
        {
          provide: SESSION_STORE,
          inject: [RedisState, ENVIRONMENT, CLOCK],
          useFactory: (redis: RedisState, environment: Environment, clock: Clock): SessionStore =>
            redis.client === undefined
              ? new MemorySessionStore(clock)
              : new RedisSessionStore(redis, { keyPrefix: environment.redisKeyPrefix }),
        },
        { provide: APP_GUARD, useClass: AccessGuard },
      ],
      exports: [UserService, RequestToken],
    };
  }
}
