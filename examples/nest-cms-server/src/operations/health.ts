import { withTimeout } from '@nestcms/circuit-breaker';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../platform/clock.js';
import { Database } from '../platform/mongo/database.js';

const PROBE_TIMEOUT_MS = 1_000;

/** Whether this instance should get requests. */
@Injectable()
export class Health {
  #draining = false;
  #probe: Promise<boolean> | undefined;

  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** It is about to stop: the load balancer should look elsewhere. */
  get draining(): boolean {
    return this.#draining;
  }

  drain(): void {
    this.#draining = true;
  }

  /** Only what this instance cannot work without counts: the primary, not Redis and not the gateway. */
  async isReady(): Promise<boolean> {
    if (this.#draining) return false;
    // Anybody may ask, as often as they like; the primary is asked once at a time.
    this.#probe ??= this.#reachesPrimary().finally(() => {
      this.#probe = undefined;
    });
    return this.#probe;
  }

  async #reachesPrimary(): Promise<boolean> {
    try {
      // Past the breaker, on purpose: the probe is to see the primary itself.
      await withTimeout(() => this.database.db.command({ ping: 1 }), {
        timeoutMs: PROBE_TIMEOUT_MS,
        clock: this.clock,
      });
      return true;
    } catch {
      return false;
    }
  }
}
