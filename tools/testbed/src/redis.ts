import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reservePort } from '../../start/lib/ports.mjs';
import type { RedisBinary } from '../../start/lib/redis-server.mjs';
import { binaries } from './binaries.js';
import { flags } from './flags.js';
import { ServerProcess, withPortRetry } from './server-process.js';
import { supervision } from './supervision.js';

const HOST = '127.0.0.1';

export interface RedisOptions {
  /** Memory limit in Redis' own notation. Default `64mb`. */
  readonly maxmemory?: string;
  /** What happens at the limit. Default `noeviction`, the only one fit for state. */
  readonly policy?: string;
  /** Further arguments of redis-server. */
  readonly args?: readonly string[];
}

/** A redis-server without persistence: a restart finds it empty. */
export interface RedisServer {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open, nothing is answered. */
  freeze(): Promise<void>;
  /** SIGCONT. */
  thaw(): Promise<void>;
  /** Starts it again on the same port, after a kill or in place of the running one. */
  restart(): Promise<void>;
  /** Ends it for good and removes its files. */
  stop(): Promise<void>;
}

/** Starts a redis-server on a port of its own. Ready in about 0.1 s. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const binary = await binaries.redisServer();
  return withPortRetry(() => startOnce(binary, options));
}

/**
 * Redis writes a title for `ps` over its environment, in which the supervisor's watchdog looks for
 * its mark. Older ones do not know the setting.
 */
function withoutTitle(version: string): readonly string[] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 6 || (major === 6 && minor >= 2) ? flags({ 'set-proc-title': 'no' }) : [];
}

function startOnce(binary: RedisBinary, options: RedisOptions): Promise<RedisServer> {
  const { maxmemory = '64mb', policy = 'noeviction', args = [] } = options;
  return startRedisProcess(binary, {
    args: [
      ...flags({ save: '', appendonly: 'no', maxmemory, 'maxmemory-policy': policy }),
      ...args,
    ],
    readyLine: /Ready to accept connections/,
  });
}

/** One process of the program, on a port of its own; with a file of settings if there is one to write. */
export async function startRedisProcess(
  binary: RedisBinary,
  options: {
    readonly args: readonly string[];
    readonly readyLine: RegExp;
    readonly settings?: readonly string[];
  },
): Promise<RedisServer> {
  const reserved = await reservePort();
  const { port } = reserved;
  const directory = supervision().temporaryDirectory('nestcms-redis-');
  const release = async () => {
    await server.stop();
    await supervision().remove(directory);
    reserved.release();
  };
  const settingsFile = join(directory, 'redis.conf');
  if (options.settings !== undefined) writeFileSync(settingsFile, options.settings.join('\n'));
  const server = new ServerProcess({
    name: 'redis-server',
    command: binary.path,
    args: [
      ...(options.settings === undefined ? [] : [settingsFile]),
      ...flags({ bind: HOST, port, dir: directory }),
      ...withoutTitle(binary.version),
      ...options.args,
    ],
    logFile: join(directory, 'redis.log'),
    readyLine: options.readyLine,
  });
  try {
    await server.start();
  } catch (error) {
    await release();
    throw error;
  }
  return {
    url: `redis://${HOST}:${port}`,
    host: HOST,
    port,
    get pid() {
      return server.pid;
    },
    kill: () => server.kill(),
    freeze: async () => server.freeze(),
    thaw: async () => server.thaw(),
    restart: async () => {
      await server.kill();
      await server.start();
    },
    stop: release,
  };
}
