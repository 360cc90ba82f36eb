import { buildConnector, type Dispatcher, Pool } from 'undici';
import type { AnyDispatcher } from './exchange.js';
import { Veil } from './veil.js';

/**
 * One keep-alive pool for one gateway host, which shows neither key nor bodies to diagnostics channels. HTTP/1.1 without
 * pipelining: what was sent is then never in doubt.
 */
export class VeiledPool implements AnyDispatcher {
  readonly #pool: Pool;
  readonly #veil: Veil;

  constructor(options: {
    origin: string;
    serverKey: string;
    maxConnections: number;
    connectTimeoutMs: number;
    keepAliveMs: number;
  }) {
    const veil = new Veil(options.serverKey);
    const connect = buildConnector({ timeout: options.connectTimeoutMs, allowH2: false });
    this.#veil = veil;
    this.#pool = new Pool(options.origin, {
      connections: options.maxConnections,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: options.keepAliveMs,
      keepAliveMaxTimeout: options.keepAliveMs,
      connect: (target, callback) =>
        connect(target, (...[error, socket]) =>
          error === null ? callback(null, veil.lift(socket)) : callback(error, null),
        ),
    });
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const { headers, body } = options;
    const veil = this.#veil;
    return this.#pool.dispatch(
      {
        ...options,
        headers: { ...(headers as Record<string, string>), authorization: veil.standIn },
        body: typeof body === 'string' ? veil.cover(body) : (body ?? null),
      },
      handler,
    );
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}
