import { z } from 'zod';
import type { RedisState } from '../../platform/redis/redis-state.js';
import { ROLES } from '../caller.js';
import type { Session, SessionStore } from './session-store.js';

const storedSchema = z.object({
  v: z.literal(1),
  userId: z.string(),
  role: z.enum(ROLES),
  createdAt: z.number(),
});

/** Sessions shared by all instances, each under `<prefix>session:<id>` until it ends by itself. */
export class RedisSessionStore implements SessionStore {
  readonly #keyPrefix: string;

  constructor(
    private readonly redis: RedisState,
    options: { readonly keyPrefix: string },
  ) {
    this.#keyPrefix = `${options.keyPrefix}session:`;
  }

  async put(session: Session, ttlMs: number): Promise<void> {
    const { id, ...rest } = session;
    const value = JSON.stringify({ v: 1, ...rest });
    await this.redis.run((redis) => redis.set(this.#keyPrefix + id, value, 'PX', ttlMs));
  }

  async find(id: string): Promise<Session | undefined> {
    const value = await this.redis.run((redis) => redis.get(this.#keyPrefix + id));
    if (value === null) return undefined;
    // One that cannot be read is none: believing its token would be as with the store away.
    const stored = storedSchema.safeParse(parseJson(value));
    if (!stored.success) return undefined;
    const { v: _v, ...session } = stored.data;
    return { id, ...session };
  }

  async remove(id: string): Promise<void> {
    await this.redis.run((redis) => redis.del(this.#keyPrefix + id));
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
