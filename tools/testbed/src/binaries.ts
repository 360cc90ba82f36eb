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
    result ??= find().catch((error: unknown) => {
      throw withAdvice(error);
    });
    return result;
  };
}

/** A test runner prints the message alone, so what was tried and what helps must be in it. */
function withAdvice(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { tried, remedy } = error as { tried?: unknown; remedy?: unknown };
  const lines = [
    error.message,
    ...(typeof tried === 'string' ? [`Tried: ${tried}`] : []),
    ...(typeof remedy === 'string' ? [`What you can do: ${remedy}`] : []),
  ];
  return new Error(lines.join('\n'), { cause: error });
}
