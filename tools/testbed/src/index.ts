export {
  type FaultProxy,
  type FaultProxyOptions,
  startFaultProxy,
} from './fault-proxy.js';
export { FOREIGN_SERVERS_REASON, usesForeignServers } from './foreign-servers.js';
export { type GuardedSet, startGuardedSet } from './guarded-set.js';
export { Member, type MemberName } from './member.js';
export type { SharedAddresses } from './provided-context.js';
export { type RedisOptions, type RedisServer, startRedis } from './redis.js';
export {
  type ClusterNode,
  type RedisCluster,
  type RedisClusterOptions,
  startRedisCluster,
} from './redis-cluster.js';
export {
  type RedisSentinel,
  type RedisSentinelOptions,
  startRedisSentinel,
} from './redis-sentinel.js';
export { type ReplicaSet, type ReplicaSetOptions, startReplicaSet } from './replica-set.js';
export {
  type RoundRobinProxy,
  type RoundRobinProxyOptions,
  startRoundRobinProxy,
} from './round-robin-proxy.js';
export { ServerStartError } from './server-process.js';
export { type StandAlone, startStandAlone } from './stand-alone.js';
export { type UntilOptions, until } from './until.js';
