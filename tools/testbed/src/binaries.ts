import { findMongod, type MongodBinary } from '../../start/lib/mongod.mjs';
import { findRedisServer, type RedisBinary } from '../../start/lib/redis-server.mjs';

/** The programs the test bed runs on, looked for once in a process. */
export const binaries: {
  mongod(): Promise<MongodBinary>;
  redisServer(): Promise<RedisBinary>;
} = {
  mongod: once(findMongod),
  redisServer: once(findRedisServer),
};

function once<T>(find: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= find();
    return result;
  };
}
