import type { RemoteStore } from '../../../src/ports/remote-store.js';
import type { Source } from '../../../src/ports/source.js';
import { keysOf } from '../classes.js';
import type { Moment } from '../history.js';
import { Host } from './host.js';
import { Prng } from './prng.js';
import { RedisLink, type RedisNetwork } from './redis-link.js';
import { RedisServer, type ServerFaults } from './redis-server.js';
import { ReplicaSet } from './replica-set.js';
import { Scheduler } from './scheduler.js';
import { SimulatedDatabase } from './simulated-database.js';
import { type Cache, startEngine } from './simulated-process.js';

/** One process: a cache over links of its own. */
export interface Process {
  readonly host: Host;
  readonly link: RedisLink;
  readonly database: SimulatedDatabase;
  readonly cache: Cache;
}

/** What takes the place of some part, to see whether it is found out. */
export interface Planted {
  readonly server?: (scheduler: Scheduler) => ServerFaults;
  readonly process?: (parts: Parts, start: (parts: Parts) => Cache) => Cache;
}

/** What an engine is made of. */
export interface Parts {
  readonly host: Host;
  readonly link: RemoteStore;
  readonly database: Source;
  readonly random: Prng;
}

/** Some processes, the Redis that they share, and the replica set that they read. */
export class World {
  readonly scheduler: Scheduler;
  readonly set: ReplicaSet;
  readonly network: RedisNetwork;
  readonly random: Prng;
  readonly processes: Process[];
  /** Names of those that have died. */
  readonly dead = new Set<string>();
  readonly #seed: number;
  readonly #planted: Planted;
  #order = 0;
  #started = 0;

  constructor(
    shape: { readonly seed: number; readonly processes: number; readonly members: number },
    planted: Planted,
  ) {
    const { seed } = shape;
    this.#seed = seed;
    this.#planted = planted;
    this.random = Prng.named(seed, 'world');
    this.scheduler = new Scheduler(Prng.named(seed, 'scheduler'));
    this.set = new ReplicaSet(this.scheduler, Prng.named(seed, 'members'), shape.members);
    const server = new RedisServer(() => this.scheduler.now, planted.server?.(this.scheduler));
    this.network = {
      server,
      scheduler: this.scheduler,
      isRough: this.random.chance(0.3),
      isFrozen: false,
      frozen: [],
      lossRate: 0,
    };
    this.processes = Array.from({ length: shape.processes }, (_, index) => this.#start(index));
    server.publish = (message) => {
      for (const { link } of this.processes) link.hear(message);
    };
  }

  /** The moment that it is now; each one comes after all before. */
  moment(): Moment {
    this.#order += 1;
    return { order: this.#order, time: this.scheduler.now };
  }

  /** Ends a process, and starts another in its place. */
  restart(index: number): void {
    const { host } = this.processes[index] as Process;
    host.die();
    this.dead.add(host.name);
    this.processes[index] = this.#start(index);
  }

  freezeRedis(ms: number): void {
    this.network.isFrozen = true;
    this.scheduler.after(ms, () => this.#thaw());
  }

  restartRedis(data: 'kept' | 'older' | 'lost', ms: number): void {
    this.network.server.restart(data, (states) => this.random.pick(states));
    for (const { link } of this.processes) {
      link.cut(ms);
      link.cutMessages(ms);
    }
  }

  loseMessages(rate: number, ms: number): void {
    this.network.lossRate = rate;
    this.scheduler.after(ms, () => {
      this.network.lossRate = 0;
    });
  }

  cutMember(index: number, memberIndex: number, ms: number): void {
    const member = this.set.members[memberIndex];
    const cut = this.processes[index]?.database.cut;
    if (member === undefined || cut === undefined) return;
    cut.add(member);
    this.scheduler.after(ms, () => cut.delete(member));
  }

  /** Ends all trouble but pauses, which end by themselves. */
  heal(): void {
    this.#thaw();
    this.network.lossRate = 0;
    this.set.heal();
    for (const { link, database } of this.processes) {
      link.heal();
      database.cut.clear();
    }
  }

  #thaw(): void {
    this.network.isFrozen = false;
    for (const execute of this.network.frozen.splice(0)) execute();
  }

  #start(index: number): Process {
    this.#started += 1;
    const { scheduler, set, network } = this;
    const name = `p${index}${this.#started > index + 1 ? `.${this.#started}` : ''}`;
    const stream = (part: string) => Prng.named(this.#seed, `${name}-${part}`);
    const host = new Host(name, scheduler, stream('host'));
    const link = new RedisLink(host, network, stream('redis'));
    const parts = { host, set, scheduler, random: stream('database'), keysOf };
    const database = new SimulatedDatabase(parts);
    const start = (own: Parts) =>
      startEngine(own.host, { store: own.link, source: own.database, random: own.random });
    const own = { host, link, database, random: stream('engine') };
    const cache = this.#planted.process?.(own, start) ?? start(own);
    return { host, link, database, cache };
  }
}
