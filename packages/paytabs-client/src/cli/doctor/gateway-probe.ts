import { randomUUID } from 'node:crypto';
import type { Clock } from '@nestcms/circuit-breaker';
import { ProxyAgent } from 'undici';
import { PayTabsClient } from '../../client/paytabs-client.js';
import { isPayTabsError, type PayTabsError } from '../../errors.js';
import { resolveOptions } from '../../options.js';
import { VeiledPool } from '../../transport/veiled-pool.js';
import { WatchedDispatcher } from './watched-dispatcher.js';

/** How a host takes the key. */
export type Standing =
  | { readonly kind: 'accepted' }
  /** It knows the key, and not with this profile. */
  | { readonly kind: 'otherProfile' }
  | { readonly kind: 'refused' }
  /** No answer, or one that says nothing about the key. */
  | { readonly kind: 'unclear'; readonly error: PayTabsError };

export interface ProbeOptions {
  readonly baseUrl: string;
  readonly profileId: number;
  readonly serverKey: string;
  /** Milliseconds to connect, and again for the answer. */
  readonly timeoutMs: number;
  readonly proxy: string | undefined;
  readonly clock: Clock;
}

/** A reference that no shop has. */
export const madeUpReference = (): string => `paytabs-doctor-${randomUUID()}`;

/** Nobody's invoice: the gateway's numbers have seven digits. */
const noInvoice = 999_999_999;

/** Asks one host. Each question once: what fails now and then is to be seen. */
export class GatewayProbe {
  readonly client: PayTabsClient;
  readonly host: string;
  readonly #watched: WatchedDispatcher;
  readonly #pool: VeiledPool | ProxyAgent;

  /** @throws PayTabsError INVALID_OPTION */
  constructor({ baseUrl, profileId, serverKey, timeoutMs, proxy, clock }: ProbeOptions) {
    const options = { profileId, serverKey, baseUrl, clock };
    const resolved = resolveOptions({ ...options, connectTimeoutMs: timeoutMs });
    this.host = new URL(resolved.origin).host;
    this.#pool =
      proxy === undefined
        ? new VeiledPool(resolved)
        : new ProxyAgent({ uri: proxy, connectTimeout: timeoutMs });
    this.#watched = new WatchedDispatcher(this.#pool, clock);
    this.client = new PayTabsClient({
      ...options,
      timeoutMs: 2 * timeoutMs,
      readTimeoutMs: 2 * timeoutMs,
      maxAttempts: 1,
      invoiceRoutes: 'path',
      dispatcher: this.#watched,
    });
  }

  get aheadMs(): number | undefined {
    return this.#watched.aheadMs;
  }

  /** Reads only: a query of a reference that nobody has, and if that is refused an invoice that nobody has. */
  async standing(signal: AbortSignal): Promise<Standing> {
    try {
      await this.client.queryByCart({ cartId: madeUpReference() }, { signal });
      return { kind: 'accepted' };
    } catch (error) {
      if (!isPayTabsError(error)) throw error;
      if (error.code !== 'AUTHENTICATION_FAILED') return { kind: 'unclear', error };
    }
    return { kind: (await this.#knowsKey(signal)) ? 'otherProfile' : 'refused' };
  }

  async close(): Promise<void> {
    await this.client.close();
    await this.#pool.close();
  }

  /** This request has no body, so it names no profile: what is refused is the key. */
  async #knowsKey(signal: AbortSignal): Promise<boolean> {
    try {
      await this.client.invoices.status({ invoiceId: noInvoice }, { signal });
      return true;
    } catch (error) {
      if (!isPayTabsError(error)) throw error;
      return error.code === 'INVALID_REQUEST' || error.code === 'NOT_FOUND';
    }
  }
}
