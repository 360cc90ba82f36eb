import type { MongoClient } from 'mongodb';

interface MemberConfig {
  readonly host: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** Names the members of the set by their tag, as command monitoring shows their addresses. */
export async function memberTags(client: MongoClient): Promise<(address: string) => string> {
  const { config } = (await client.db('admin').command({ replSetGetConfig: 1 })) as unknown as {
    config: { members: readonly MemberConfig[] };
  };
  const tags = new Map(config.members.map(({ host, tags }) => [host, tags?.replica ?? 'primary']));
  return (address) => tags.get(address) ?? address;
}
