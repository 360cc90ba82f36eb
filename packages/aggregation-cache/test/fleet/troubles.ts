import type { ChildProcess } from 'node:child_process';
import type { FaultProxy, RedisServer, ReplicaSet } from '@nestcms/testbed';

export interface Scene {
  readonly set: ReplicaSet;
  readonly redis: RedisServer;
  /** The line of the first process to Redis. */
  readonly redisLine: FaultProxy;
  readonly workers: readonly ChildProcess[];
}

/** Something that goes wrong for a while, and its end. */
export interface Trouble {
  readonly name: string;
  readonly begin: (scene: Scene) => Promise<void>;
  readonly end: (scene: Scene) => Promise<void>;
}

const nothing = async (): Promise<void> => {};
const signal = (worker: ChildProcess | undefined, name: NodeJS.Signals): void => {
  if (worker?.pid !== undefined) process.kill(worker.pid, name);
};

export const TROUBLES: readonly Trouble[] = [
  { name: 'nothing', begin: nothing, end: nothing },
  {
    name: 'a member lags',
    begin: ({ set }) => set.members.replica1.setLag(true),
    end: ({ set }) => set.members.replica1.setLag(false),
  },
  {
    name: 'a member is killed',
    begin: ({ set }) => set.members.replica2.kill(),
    end: ({ set }) => set.members.replica2.restart(),
  },
  {
    name: 'a member is frozen',
    begin: ({ set }) => set.members.replica3.freeze(),
    end: ({ set }) => set.members.replica3.thaw(),
  },
  {
    name: 'a member is cut off',
    begin: async ({ set }) => set.members.replica1.proxy?.refuse(),
    end: async ({ set }) => set.members.replica1.proxy?.heal(),
  },
  {
    name: 'the primary steps down',
    begin: async ({ set }) => {
      await set.stepDown({ forSeconds: 10 });
    },
    end: nothing,
  },
  {
    name: 'Redis is killed, and comes back empty',
    begin: ({ redis }) => redis.kill(),
    end: ({ redis }) => redis.restart(),
  },
  {
    name: 'Redis is frozen',
    begin: ({ redis }) => redis.freeze(),
    end: ({ redis }) => redis.thaw(),
  },
  {
    name: 'one process cannot reach Redis',
    begin: ({ redisLine }) => redisLine.refuse(),
    end: ({ redisLine }) => redisLine.heal(),
  },
  {
    name: 'the line of one process to Redis passes nothing on',
    begin: ({ redisLine }) => redisLine.freeze(),
    end: ({ redisLine }) => redisLine.heal(),
  },
  {
    name: 'a process is frozen',
    begin: async ({ workers }) => signal(workers[1], 'SIGSTOP'),
    end: async ({ workers }) => signal(workers[1], 'SIGCONT'),
  },
  {
    name: 'Redis is killed while a member lags',
    begin: async ({ set, redis }) => {
      await set.members.replica1.setLag(true);
      await redis.kill();
    },
    end: async ({ set, redis }) => {
      await redis.restart();
      await set.members.replica1.setLag(false);
    },
  },
];
