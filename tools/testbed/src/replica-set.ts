import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Document, MongoClient } from 'mongodb';
import { reservePort } from '../../start/lib/ports.mjs';
import { binaries } from './binaries.js';
import { type FaultProxy, startFaultProxy } from './fault-proxy.js';
import { Member, type MemberName } from './member.js';
import { MONGOD_READY, mongodArguments } from './mongod-arguments.js';
import { initiate, loadSetName, MEMBER_NAMES, memberTags } from './replica-set-config.js';
import { ServerProcess, withPortRetry } from './server-process.js';
import { supervision } from './supervision.js';
import { until } from './until.js';

const HOST = '127.0.0.1';
const READY_TIMEOUT_MS = 60_000;
const ELECTION_TIMEOUT_MS = 30_000;
const GRACE_MS = 2_500;

export interface ReplicaSetOptions {
  /** Allows `member.setLag()`; starts mongod with test commands. Default false. */
  readonly lagControl?: boolean;
  /** Puts a fault proxy before each member; the members know each other by the proxies. Default false. */
  readonly proxied?: boolean;
  /**
   * Whether the secondaries vote and can take over. Default true: then three of four members must
   * run, or there is no primary. With false the primary stays primary whoever else is killed.
   */
  readonly failover?: boolean;
  /** Keeps the data here and finds it there the next time. Default: temporary, removed at the end. */
  readonly dataDirectory?: string;
}

/** One primary and three secondaries, tagged `replica: replica1 | replica2 | replica3`. */
export interface ReplicaSet {
  /** Names all four members. */
  readonly uri: string;
  readonly name: string;
  readonly members: Readonly<Record<MemberName, Member>>;
  /** What it runs on, one line for a person. */
  readonly description: string;
  /** The member that is primary now; waits for an election. */
  currentPrimary(): Promise<Member>;
  /** Makes the primary step down and resolves with the next one. */
  stepDown(options?: { readonly forSeconds?: number }): Promise<Member>;
  /**
   * Resolves when every member that runs, is not frozen and not held back has applied what the
   * primary had applied at the time of the call.
   */
  waitUntilCaughtUp(options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Ends everything and removes the data, unless it lies in a directory of the caller's. */
  stop(): Promise<void>;
}

/** Starts a replica set on ports of its own. Ready in about three seconds. */
export async function startReplicaSet(options: ReplicaSetOptions = {}): Promise<ReplicaSet> {
  const binary = await binaries.mongod();
  const directory = options.dataDirectory ?? supervision().temporaryDirectory('nestcms-mongo-');
  mkdirSync(directory, { recursive: true });
  const { name, isNew } = loadSetName(directory);

  const nudge = async () => {
    const primary = await findPrimary(all);
    // The default would wait for a majority, of which some may be held back.
    const note = { appendOplogNote: 1, data: { nudge: 1 }, writeConcern: { w: 1 } };
    await primary?.client().db('admin').command(note);
  };
  const start = (memberName: MemberName) =>
    withPortRetry(() =>
      startMember(memberName, { ...options, command: binary.path, directory, set: name, nudge }),
    );
  const release = async (started: readonly Member[]) => {
    await Promise.all(started.map((member) => member.stop()));
    if (!options.dataDirectory) await supervision().remove(directory);
  };

  const results = await Promise.allSettled(MEMBER_NAMES.map(start));
  const all = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.find((result) => result.status === 'rejected');
  try {
    if (failed) throw failed.reason;
    await initiate(all, { name, isNew, failover: options.failover ?? true });
    await until(() => isReady(all), { what: 'the replica set', timeoutMs: READY_TIMEOUT_MS });
  } catch (error) {
    await release(all);
    throw error;
  }

  const members = Object.fromEntries(all.map((member) => [member.name, member]));
  return {
    uri: `mongodb://${all.map((member) => member.address).join(',')}/?replicaSet=${name}`,
    name,
    members: members as Record<MemberName, Member>,
    description: binary.description,
    currentPrimary: () =>
      until(() => findPrimary(all), { what: 'a primary', timeoutMs: ELECTION_TIMEOUT_MS }),
    stepDown: ({ forSeconds = 60 } = {}) => stepDown(all, forSeconds),
    waitUntilCaughtUp: ({ timeoutMs = 20_000 } = {}) => waitUntilCaughtUp(all, timeoutMs),
    stop: () => release(all),
  };
}

interface MemberStart extends ReplicaSetOptions {
  readonly command: string;
  readonly directory: string;
  readonly set: string;
  readonly nudge: () => Promise<void>;
}

async function startMember(name: MemberName, options: MemberStart): Promise<Member> {
  const { command, directory, set, nudge, lagControl = false } = options;
  const data = join(directory, name);
  mkdirSync(data, { recursive: true });
  const reserved = await reservePort({ host: HOST });
  const server = new ServerProcess({
    name: `mongod ${name}`,
    command,
    args: mongodArguments({
      host: HOST,
      port: reserved.port,
      dbpath: data,
      replSet: set,
      testCommands: lagControl,
    }),
    logFile: join(directory, `${name}.log`),
    readyLine: MONGOD_READY,
    graceMs: options.dataDirectory ? GRACE_MS : 0,
  });
  let proxy: FaultProxy | undefined;
  try {
    await server.start();
    if (options.proxied) {
      proxy = await startFaultProxy({ target: { host: HOST, port: reserved.port } });
    }
  } catch (error) {
    await server.stop();
    reserved.release();
    throw error;
  }
  const tags = memberTags(name);
  return new Member({
    name,
    tags,
    server,
    serverPort: reserved.port,
    release: reserved.release,
    proxy,
    lagControl,
    nudge,
  });
}

const hello = (client: MongoClient): Promise<Document> => client.db('admin').command({ hello: 1 });

async function findPrimary(members: readonly Member[]): Promise<Member | undefined> {
  const answers = await Promise.allSettled(
    members.map(async (member) => {
      const isPrimary = member.isAnswering && (await hello(member.client())).isWritablePrimary;
      return isPrimary ? member : undefined;
    }),
  );
  return answers
    .flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
    .find(Boolean);
}

/** One primary that takes writes and knows all others as secondaries, which clients see as such. */
async function isReady(members: readonly Member[]): Promise<boolean> {
  const answers = await Promise.all(members.map((member) => hello(member.client())));
  const primaries = answers.filter((answer) => answer.isWritablePrimary);
  const secondaries = answers.filter((answer) => answer.secondary);
  return primaries.length === 1 && secondaries.length === members.length - 1;
}

async function stepDown(members: readonly Member[], forSeconds: number): Promise<Member> {
  const what = 'a primary';
  const before = await until(() => findPrimary(members), { what, timeoutMs: ELECTION_TIMEOUT_MS });
  await before
    .client()
    .db('admin')
    .command({
      replSetStepDown: forSeconds,
      secondaryCatchUpPeriodSecs: Math.min(10, forSeconds - 1),
    });
  return until(
    async () => {
      const primary = await findPrimary(members);
      return primary !== before && primary;
    },
    { what: 'another primary', timeoutMs: ELECTION_TIMEOUT_MS },
  );
}

async function waitUntilCaughtUp(members: readonly Member[], timeoutMs: number): Promise<void> {
  const primary = await until(() => findPrimary(members), { what: 'a primary', timeoutMs });
  const target = await appliedAt(primary);
  for (const member of members.filter((one) => one.isFollowing)) {
    await until(async () => (await appliedAt(member)) >= target, {
      what: `${member.name} to catch up`,
      timeoutMs,
    });
  }
}

/** Timestamp of the last operation that reads on this member see, as a comparable number. */
async function appliedAt(member: Member): Promise<bigint> {
  const { optimes } = await member.client().db('admin').command({ replSetGetStatus: 1 });
  return optimes.appliedOpTime.ts.toBigInt();
}
