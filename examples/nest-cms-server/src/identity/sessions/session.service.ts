import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '../../config/environment.js';
import { Metrics } from '../../operations/metrics.js';
import { CLOCK, type Clock } from '../../platform/clock.js';
import { serviceUnavailable } from '../../platform/http/problem.js';
import { LOGGER, type Logger } from '../../platform/logger.js';
import type { Role } from '../caller.js';
import { SESSION_STORE, type SessionStore } from './session-store.js';

/** `unknown`: the store cannot be asked, so the signed token is believed for the rest of its short life. */
export type SessionCheck = 'active' | 'ended' | 'unknown';

/**
 * Sessions, as long as their store can be reached. While it cannot, signing in and every signed, unexpired token still
 * work; what is lost is the power to end a session early. Each such answer is counted.
 */
@Injectable()
export class SessionService {
  constructor(
    @Inject(SESSION_STORE) private readonly store: SessionStore,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly metrics: Metrics,
  ) {}

  /** The id of a new session. It is given out even if it cannot be stored. */
  async start(user: { readonly userId: string; readonly role: Role }): Promise<string> {
    const id = randomUUID();
    const session = { id, userId: user.userId, role: user.role, createdAt: this.clock.wallTime() };
    try {
      await this.store.put(session, this.environment.jwt.ttlSeconds * 1_000);
    } catch (error) {
      this.logger.warn({ err: error }, 'a session could not be stored');
    }
    return id;
  }

  async check(id: string, userId: string): Promise<SessionCheck> {
    const result = await this.#look(id, userId);
    this.metrics.sessionChecks.inc({ result });
    return result;
  }

  /** @throws Problem 503 when the store cannot be reached: the session would go on */
  async end(id: string): Promise<void> {
    try {
      await this.store.remove(id);
    } catch (error) {
      this.logger.warn({ err: error }, 'a session could not be ended');
      throw serviceUnavailable(1, 'The session cannot be ended now. Try again.');
    }
  }

  async #look(id: string, userId: string): Promise<SessionCheck> {
    try {
      const session = await this.store.find(id);
      return session?.userId === userId ? 'active' : 'ended';
    } catch {
      // The breaker has logged that the store is away; one line a request would add nothing.
      return 'unknown';
    }
  }
}
