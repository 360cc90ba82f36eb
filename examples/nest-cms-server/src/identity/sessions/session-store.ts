import type { Role } from '../caller.js';

/** Nest token of the {@link SessionStore}. */
export const SESSION_STORE = Symbol('SessionStore');

/** A signed-in device. Its access token is good for nothing once the session has ended. */
export interface Session {
  readonly id: string;
  readonly userId: string;
  readonly role: Role;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** Where sessions live. Each method rejects when the store cannot be reached. */
export interface SessionStore {
  put(session: Session, ttlMs: number): Promise<void>;
  find(id: string): Promise<Session | undefined>;
  remove(id: string): Promise<void>;
}
