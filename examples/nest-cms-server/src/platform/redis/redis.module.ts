import { Global, Module } from '@nestjs/common';
import { RedisConnections } from './redis-connections.js';
import { RedisState } from './redis-state.js';
import { REDIS_CACHE, REDIS_STATE } from './tokens.js';

export { REDIS_CACHE, REDIS_STATE } from './tokens.js';

@Global()
@Module({
  providers: [
    RedisConnections,
    RedisState,
    {
      provide: REDIS_STATE,
      inject: [RedisConnections],
      useFactory: (connections: RedisConnections) => connections.state,
    },
    {
      provide: REDIS_CACHE,
      inject: [RedisConnections],
      useFactory: (connections: RedisConnections) => connections.cache,
    },
  ],
  exports: [RedisState, REDIS_STATE, REDIS_CACHE],
})
export class RedisModule {}
