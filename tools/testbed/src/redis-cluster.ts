import { Cluster, Redis } from 'ioredis';
import { type RedisServer, startRedis } from './redis.js';
import { until } from './until.js';

const slots = 16_384;
const primaries = 3;
export interface RedisClusterOptions {
  /** Whether each primary has a replica, and all of them a file. Default false. */
  readonly replicas?: boolean;
  /** How soon a node that does not answer is taken for dead, in milliseconds. Default 500. */
  readonly nodeTimeoutMs?: number;
}

export interface ClusterNode {
  readonly server: RedisServer;
  /** Talks to this node alone. */
  readonly redis: Redis;
  readonly id: string;
}

export interface RedisCluster {
  readonly nodes: readonly ClusterNode[];
  readonly client: Cluster;
  /** The primary that has the key. */
  ownerOf(key: string): Promise<ClusterNode>;
  /** Moves the slot of the key, and all that is in it, to another primary; `halfway` runs in the middle. */
  moveSlotOf(key: string, halfway?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/** Three primaries, with a replica each if asked for. Ready in two to four seconds. */
export async function startRedisCluster({
  replicas = false,
  nodeTimeoutMs = 500,
}: RedisClusterOptions = {}): Promise<RedisCluster> {
  const cluster = `--cluster-enabled yes --cluster-node-timeout ${nodeTimeoutMs}`;
  const copies = '--repl-diskless-sync-delay 0 --appendonly yes --appendfsync always';
  const args = (replicas ? `${cluster} ${copies}` : cluster).split(' ');
  const count = replicas ? 2 * primaries : primaries;
  const indexes = Array.from({ length: count }, (_, index) => index);
  const servers = await Promise.all(indexes.map(() => startRedis({ args })));
  const nodes = await Promise.all(servers.map(nodeOf));
  await join(nodes);
  const client = new Cluster(
    servers.map(({ host, port }) => ({ host, port })),
    { clusterRetryStrategy: () => 50, redisOptions: { maxRetriesPerRequest: 1 } },
  );
  client.on('error', () => {});
  const ownerOf = async (key: string): Promise<ClusterNode> => {
    const slot = Number(await client.cluster('KEYSLOT', key));
    const ranges = await client.cluster('SLOTS');
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
      const others = nodes.slice(0, primaries);
      const to = others.find((node) => node !== from) as ClusterNode;
      const slot = Number(await from.redis.cluster('KEYSLOT', key));
      await to.redis.cluster('SETSLOT', slot, 'IMPORTING', from.id);
      await from.redis.cluster('SETSLOT', slot, 'MIGRATING', to.id);
      await halfway?.();
      const keys = (await from.redis.cluster('GETKEYSINSLOT', slot, 1_000)) as string[];
      const { host, port } = to.server;
      if (keys.length > 0) await from.redis.migrate(host, port, '', 0, 5_000, 'KEYS', ...keys);
      for (const node of [to, from, ...others]) {
        await node.redis.cluster('SETSLOT', slot, 'NODE', to.id);
      }
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
  const share = Math.ceil(slots / primaries);
  for (const [index, { redis }] of nodes.entries()) {
    await redis.cluster('SET-CONFIG-EPOCH', index + 1);
    if (index > 0) await redis.cluster('MEET', first.server.host, first.server.port);
    if (index >= primaries) continue;
    const last = Math.min((index + 1) * share, slots) - 1;
    await redis.cluster('ADDSLOTSRANGE', index * share, last);
  }
  const all = (pattern: RegExp, ask: (redis: Redis) => Promise<unknown>) => async () => {
    const answers = await Promise.all(nodes.map(({ redis }) => ask(redis)));
    return answers.every((answer) => pattern.test(String(answer)));
  };
  const timeoutMs = 20_000;
  const known = new RegExp(`cluster_known_nodes:${nodes.length}\\b`);
  await until(
    all(known, (redis) => redis.cluster('INFO')),
    { what: 'the nodes to meet', timeoutMs },
  );
  const replicas = nodes.slice(primaries);
  for (const [index, { redis }] of replicas.entries()) {
    await redis.cluster('REPLICATE', (nodes[index] as ClusterNode).id);
  }
  if (replicas.length > 0) {
    const followed = /connected_slaves:1|master_link_status:up/;
    await until(
      all(followed, (redis) => redis.info('replication')),
      { what: 'the replicas to follow', timeoutMs },
    );
  }
  await until(
    all(/cluster_state:ok[\s\S]*cluster_size:3/, (redis) => redis.cluster('INFO')),
    { what: 'the cluster to be ready', timeoutMs },
  );
}
