import { MongoClient } from 'mongodb';
import type { FaultProxy } from './fault-proxy.js';
import type { ServerProcess } from './server-process.js';

const HIT_TIMEOUT_MS = 15_000;

export type MemberName = 'primary' | 'replica1' | 'replica2' | 'replica3';

export interface MemberParts {
  readonly name: MemberName;
  readonly tags: Readonly<Record<string, string>>;
  readonly server: ServerProcess;
  readonly serverPort: number;
  /** Gives the port back. */
  readonly release: () => void;
  readonly proxy: FaultProxy | undefined;
  readonly lagControl: boolean;
  /** Makes the primary write something, so that members fetch a batch now. */
  readonly nudge: () => Promise<void>;
}

/**
 * One server of the replica set. It is named after its part at the start: after a failover
 * `primary` may be a secondary.
 */
export class Member {
  readonly name: MemberName;
  readonly tags: Readonly<Record<string, string>>;
  /** Address under which clients and the other members know it (its proxy's, if it has one). */
  readonly host = '127.0.0.1';
  readonly port: number;
  /** Address of the server itself, past any proxy, for a client with one member in view. */
  readonly directUri: string;
  readonly #parts: MemberParts;
  #client: MongoClient | undefined;
  #lagging = false;

  constructor(parts: MemberParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.tags = parts.tags;
    this.port = parts.proxy?.port ?? parts.serverPort;
    this.directUri = `mongodb://${this.host}:${parts.serverPort}/?directConnection=true`;
  }

  /** `host:port`, as command monitoring shows it. */
  get address(): string {
    return `${this.host}:${this.port}`;
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.#parts.server.pid;
  }

  /** Running, not frozen, not held back: one that can be expected to catch up. */
  get isFollowing(): boolean {
    return this.isAnswering && !this.#lagging;
  }

  get isAnswering(): boolean {
    return this.#parts.server.state === 'running';
  }

  /**
   * The fault proxy in front of it. All traffic to this member passes it, that of clients and
   * that of the other members.
   * @throws {Error} when the set was not started with `proxied: true`
   */
  get proxy(): FaultProxy {
    if (!this.#parts.proxy) throw new Error('Start the replica set with { proxied: true }.');
    return this.#parts.proxy;
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    await this.#parts.server.kill();
    this.#lagging = false;
  }

  /** SIGSTOP: connections stay open, nothing is answered. */
  async freeze(): Promise<void> {
    this.#parts.server.freeze();
  }

  /** SIGCONT. */
  async thaw(): Promise<void> {
    this.#parts.server.thaw();
  }

  /** Starts it again on the same port and data, after a kill or in place of the running one. */
  async restart(): Promise<void> {
    await this.kill();
    await this.#parts.server.start();
  }

  /**
   * Holds replication to this secondary back, exactly: once this resolves with `on`, no later
   * write becomes visible here until `setLag(false)`. Its reads go on with what it has. A kill or
   * restart ends the lag. Takes up to two seconds.
   * @throws {Error} when the set was not started with `lagControl: true`, or this is the primary
   */
  async setLag(on: boolean): Promise<void> {
    if (!this.#parts.lagControl) {
      throw new Error('Start the replica set with { lagControl: true }.');
    }
    const admin = this.client().db('admin');
    if (!on) {
      await admin.command({ configureFailPoint: 'stopReplProducer', mode: 'off' });
      this.#lagging = false;
      return;
    }
    if (this.#lagging) return;
    const { secondary } = await admin.command({ hello: 1 });
    if (!secondary) throw new Error(`${this.name} is no secondary, so it cannot lag.`);
    this.#lagging = true;
    const { count } = await admin.command({
      configureFailPoint: 'stopReplProducer',
      mode: 'alwaysOn',
    });
    // The point takes effect when the next batch arrives, so one is made to arrive.
    await this.#parts.nudge();
    await admin.command({
      waitForFailPoint: 'stopReplProducer',
      timesEntered: Number(count) + 1,
      maxTimeMS: HIT_TIMEOUT_MS,
    });
  }

  /** A client of this server alone, past any proxy; closed with the replica set. */
  client(): MongoClient {
    this.#client ??= new MongoClient(this.directUri, {
      serverSelectionTimeoutMS: 5_000,
      socketTimeoutMS: 20_000,
      maxPoolSize: 4,
    });
    return this.#client;
  }

  /** Ends server, proxy and client for good. */
  async stop(): Promise<void> {
    await this.#client?.close();
    await this.#parts.server.stop();
    await this.#parts.proxy?.stop();
    this.#parts.release();
  }
}
