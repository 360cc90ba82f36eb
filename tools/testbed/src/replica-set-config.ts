import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Document } from 'mongodb';
import type { Member, MemberName } from './member.js';
import { until } from './until.js';

const FORMAT_VERSION = 1;
const ELECTION_TIMEOUT_MS = 30_000;

/** The order is that of the members in the configuration. */
export const MEMBER_NAMES: readonly MemberName[] = ['primary', 'replica1', 'replica2', 'replica3'];

export function memberTags(name: MemberName): Readonly<Record<string, string>> {
  return name === 'primary' ? {} : { replica: name };
}

/**
 * Name of the set whose data lies in the directory, or a new one. The name is random, so that a
 * client left over from another set does not take this one for its own when a port is used again.
 */
export function loadSetName(directory: string): { name: string; isNew: boolean } {
  const file = join(directory, 'replica-set.json');
  if (existsSync(file)) {
    const { v, name } = JSON.parse(readFileSync(file, 'utf8')) as { v?: number; name?: string };
    if (v !== FORMAT_VERSION || !name) throw new Error(`${file} has an unknown format.`);
    return { name, isNew: false };
  }
  const name = `nestcms-${randomBytes(4).toString('hex')}`;
  writeFileSync(file, `${JSON.stringify({ v: FORMAT_VERSION, name })}\n`);
  return { name, isNew: true };
}

interface InitiateOptions {
  readonly name: string;
  readonly isNew: boolean;
  readonly failover: boolean;
}

/** Makes a replica set of started servers, or tells an existing one its new addresses. */
export async function initiate(
  members: readonly Member[],
  options: InitiateOptions,
): Promise<void> {
  const [first] = members;
  if (!first) throw new Error('A replica set needs members.');
  const admin = first.client().db('admin');
  const wanted = configuration(members, options);
  if (options.isNew) {
    await admin.command({ replSetInitiate: wanted });
  } else {
    // A member takes connections a moment before it has read its own configuration.
    const { config } = await until(() => admin.command({ replSetGetConfig: 1 }), {
      what: 'the stored configuration of the replica set',
      timeoutMs: ELECTION_TIMEOUT_MS,
    });
    await admin.command({
      // Nobody recognises itself under the old addresses, so there is no primary to ask.
      replSetReconfig: { ...config, ...wanted, version: config.version + 1 },
      force: true,
    });
  }
  // By itself it would wait for an election time-out first. Refused until it has heard of the others.
  await until(() => admin.command({ replSetStepUp: 1 }), {
    what: 'the first member to be elected',
    timeoutMs: ELECTION_TIMEOUT_MS,
    intervalMs: 100,
  });
}

function configuration(members: readonly Member[], { name, failover }: InitiateOptions): Document {
  return {
    _id: name,
    members: members.map((member, index) => {
      const canLead = failover || index === 0;
      return {
        _id: index,
        host: member.address,
        tags: member.tags,
        priority: index === 0 ? 10 : canLead ? 1 : 0,
        votes: canLead ? 1 : 0,
      };
    }),
    settings: {
      electionTimeoutMillis: 2_000,
      heartbeatIntervalMillis: 500,
      // Else a member that is held back would hold back those that follow it.
      chainingAllowed: false,
    },
  };
}
