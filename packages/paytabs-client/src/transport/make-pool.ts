import { Pool } from 'undici';

/** One keep-alive pool for one gateway host. HTTP/1.1 without pipelining: what was sent is then never in doubt. */
export function makePool(options: {
  origin: string;
  maxConnections: number;
  connectTimeoutMs: number;
  keepAliveMs: number;
}): Pool {
  return new Pool(options.origin, {
    connections: options.maxConnections,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: options.keepAliveMs,
    keepAliveMaxTimeout: options.keepAliveMs,
    connect: { timeout: options.connectTimeoutMs },
  });
}
