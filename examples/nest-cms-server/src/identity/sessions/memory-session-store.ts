import type { Clock } from '../../platform/clock.js';
import type { Session, SessionStore } from './session-store.js';

/** Sessions of this process alone, for a server without Redis: a restart signs everybody out. */
export class MemorySessionStore implements SessionStore {
  readonly #sessions = new Map<string, { session: Session; endsAt: number }>();

  constructor(private readonly clock: Clock) {}

  async put(session: Session, ttlMs: number): Promise<void> {
    const now = this.clock.now();
    for (const [id, { endsAt }] of this.#sessions) if (endsAt <= now) this.#sessions.delete(id);
    this.#sessions.set(session.id, { session, endsAt: now + ttlMs });
  }

  async find(id: string): Promise<Session | undefined> {
    const entry = this.#sessions.get(id);
    return entry !== undefined && entry.endsAt > this.clock.now() ? entry.session : undefined;
  }

  async remove(id: string): Promise<void> {
    this.#sessions.delete(id);
  }
}
