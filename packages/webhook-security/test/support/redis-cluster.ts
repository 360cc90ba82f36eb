import { type RedisServer, startRedis, until } from '@nestcms/testbed';
import { Cluster, Redis } from 'ioredis';

const slots = 16_384;
/** How soon a node that does not answer is taken for dead. */
const nodeTimeoutMs = 500;

/** One of the three primaries. */
export interface ClusterNode {
  readonly server: RedisServer;
  /** Talks to this node alone. */
  readonly redis: Redis;
  readonly id: string;
}

export interface RedisCluster {
  readonly nodes: readonly ClusterNode[];
  readonly client: Cluster;
  /** Which of the nodes has the key. */
  ownerOf(key: string): Promise<ClusterNode>;
  /** Moves the slot of the key, and all that is in it, to another node; `halfway` runs in the middle. */
  moveSlotOf(key: string, halfway?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/** Three primaries without replicas. Ready in about two seconds. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', String(nodeTimeoutMs)];
  const servers = await Promise.all([0, 1, 2].map(() => startRedis({ args })));
  const nodes = await Promise.all(servers.map(nodeOf));
  await join(nodes);
  const client = new Cluster(
    servers.map(({ host, port }) => ({ host, port })),
    { clusterRetryStrategy: () => 50, redisOptions: { maxRetriesPerRequest: 1 } },
  );
  client.on('error', () => {});
  const ownerOf = async (key: string): Promise<ClusterNode> => {
    const [first] = nodes as [ClusterNode];
    const slot = Number(await first.redis.cluster('KEYSLOT', key));
    const ranges = await first.redis.cluster('SLOTS');
    const range = ranges.find(([from, to]) => from <= slot && slot <= to);
    const owner = nodes.find(({ id }) => id === range?.[2]?.[2]);
    if (owner === undefined) throw new Error(`Nobody has the slot ${slot}.`);
    return owner;
  };
  return {
    nodes,
    client,
    ownerOf,
    moveSlotOf: async (key, halfway) => {
      const from = await ownerOf(key);
      const to = nodes.find((node) => node !== from) as ClusterNode;
      const slot = Number(await from.redis.cluster('KEYSLOT', key));
      await to.redis.cluster('SETSLOT', slot, 'IMPORTING', from.id);
      await from.redis.cluster('SETSLOT', slot, 'MIGRATING', to.id);
      await halfway?.();
      const keys = await from.redis.cluster('GETKEYSINSLOT', slot, 1_000);
      const { host, port } = to.server;
      await from.redis.migrate(host, port, '', 0, 5_000, 'KEYS', ...(keys as string[]));
      for (const node of [to, from]) await node.redis.cluster('SETSLOT', slot, 'NODE', to.id);
    },
    stop: async () => {
      client.disconnect();
      for (const { redis } of nodes) redis.disconnect();
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

async function nodeOf(server: RedisServer): Promise<ClusterNode> {
  const redis = new Redis(server.url);
  redis.on('error', () => {});
  return { server, redis, id: (await redis.cluster('MYID')) as string };
}

async function join(nodes: readonly ClusterNode[]): Promise<void> {
  const [first] = nodes as [ClusterNode];
  const share = Math.ceil(slots / nodes.length);
  for (const [index, { redis }] of nodes.entries()) {
    const last = Math.min((index + 1) * share, slots) - 1;
    await redis.cluster('ADDSLOTSRANGE', index * share, last);
    await redis.cluster('SET-CONFIG-EPOCH', index + 1);
    if (index > 0) await redis.cluster('MEET', first.server.host, first.server.port);
  }
  const isReady = async () => {
    const infos = await Promise.all(nodes.map(({ redis }) => redis.cluster('INFO')));
    return infos.every(
      (info) => /cluster_state:ok/.test(String(info)) && /cluster_size:3/.test(String(info)),
    );
  };
  await until(isReady, { what: 'the cluster to be ready', timeoutMs: 15_000 });
}
