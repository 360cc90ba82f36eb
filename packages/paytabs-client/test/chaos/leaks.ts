import { Redis } from 'ioredis';

/** Looks for what must show up nowhere: keys, card numbers, tokens. */
export class Leaks {
  readonly #secrets: readonly string[];
  readonly #seen = new Set<string>();

  constructor(secrets: readonly string[]) {
    this.#secrets = secrets;
  }

  get list(): readonly string[] {
    return [...this.#seen];
  }

  note(where: string): void {
    this.#seen.add(where);
  }

  look(where: string, text: string): void {
    if (this.#secrets.some((secret) => text.includes(secret))) this.note(where);
  }

  async lookInStore(redisUrl: string): Promise<void> {
    const redis = new Redis(redisUrl);
    for await (const keys of redis.scanStream({ count: 1_000 }) as AsyncIterable<string[]>) {
      for (const key of keys) this.look(`store: ${key}`, `${key} ${await textOf(redis, key)}`);
    }
    redis.disconnect();
  }
}

/** What is no text is a set of references. */
async function textOf(redis: Redis, key: string): Promise<string> {
  const type = await redis.type(key);
  if (type === 'string') return (await redis.get(key)) ?? '';
  return (await redis.zrange(key, '0', '-1')).join(' ');
}
