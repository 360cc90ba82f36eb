import type { MongoClient, TagSet, TopologyDescription } from 'mongodb';

/** What the driver knows of a member right now. */
export interface KnownMember {
  readonly address: string;
  readonly tags: TagSet;
  readonly role: 'primary' | 'secondary' | 'standalone' | 'router';
}

/**
 * - `unknown`: nothing has been heard yet
 * - `replicaSet`: members and their tags are known
 * - `opaque`: a single server, a sharded cluster, a load balancer: which member answers is not ours to say
 */
export type TopologyShape = 'unknown' | 'replicaSet' | 'opaque';

/** What an opaque topology is. */
export type OpaqueKind = 'standalone' | 'singleMember' | 'sharded' | 'loadBalanced';

const ROLES: Readonly<Record<string, KnownMember['role']>> = {
  RSPrimary: 'primary',
  RSSecondary: 'secondary',
  Standalone: 'standalone',
  Mongos: 'router',
  LoadBalancer: 'router',
};

/**
 * The members as the driver sees them, kept by its own monitoring events. It lets a read pass over a
 * member that is not there at once, where the driver would wait for one until its selection time-out.
 */
export class TopologyView {
  #shape: TopologyShape = 'unknown';
  #members: readonly KnownMember[] = [];
  #isComplete = false;
  #opaqueKind: OpaqueKind | undefined;
  readonly #client: MongoClient;
  readonly #listeners = new Set<() => void>();

  constructor(client: MongoClient) {
    this.#client = client;
    client.on('topologyDescriptionChanged', this.#changed);
    const description = currentDescription(client);
    if (description !== undefined) this.#take(description);
  }

  get shape(): TopologyShape {
    return this.#shape;
  }

  /** Undefined unless the shape is `opaque`. */
  get opaqueKind(): OpaqueKind | undefined {
    return this.#opaqueKind;
  }

  /** Members that can be read from now. */
  get members(): readonly KnownMember[] {
    return this.#members;
  }

  /** Whether every server has been heard of at least once, be it that it is not there. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** @returns a function that ends the subscription */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#client.off('topologyDescriptionChanged', this.#changed);
    this.#listeners.clear();
  }

  readonly #changed = ({ newDescription }: { newDescription: TopologyDescription }): void => {
    this.#take(newDescription);
    for (const listener of this.#listeners) listener();
  };

  #take(description: TopologyDescription): void {
    const { type } = description;
    this.#members = [...description.servers.values()].flatMap(({ address, tags, type: server }) => {
      const role = ROLES[server];
      return role === undefined ? [] : [{ address, tags, role }];
    });
    this.#isComplete = [...description.servers.values()].every(
      (server) => server.type !== 'Unknown' || server.error !== null,
    );
    if (type === 'Unknown') this.#shape = 'unknown';
    else this.#shape = type.startsWith('ReplicaSet') ? 'replicaSet' : 'opaque';
    this.#opaqueKind = this.#shape === 'opaque' ? kindOf(description) : undefined;
  }
}

const kindOf = ({ type, servers }: TopologyDescription): OpaqueKind => {
  if (type === 'LoadBalanced') return 'loadBalanced';
  const types = [...servers.values()].map((server) => server.type);
  if (type === 'Sharded' || types.includes('Mongos')) return 'sharded';
  return types.some((server) => server.startsWith('RS')) ? 'singleMember' : 'standalone';
};

/**
 * A client that was connected before says nothing until something changes. The driver keeps the
 * description in a field it does not document; without it, the next change or heartbeat tells.
 */
const currentDescription = (client: MongoClient): TopologyDescription | undefined => {
  const { topology } = client as { topology?: { description?: TopologyDescription } };
  return topology?.description?.servers instanceof Map ? topology.description : undefined;
};
