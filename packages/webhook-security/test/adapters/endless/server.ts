import type { StartApp } from '../apps/app-parts.js';
import { SuiteApp } from '../suite-app.js';

/** What the parent is told: where the server is, then the most memory since it last asked. */
export interface Started {
  readonly origin: string;
}
export interface Measured {
  readonly rssBytes: number;
  /** In the heap and outside of it. */
  readonly heldBytes: number;
}

/** Each loads its own framework alone. */
const starters: Readonly<Record<string, () => Promise<StartApp>>> = {
  Express: async () => {
    const { default: express } = await import('express');
    return (await import('../apps/start-express.js')).startExpress(express);
  },
  Fastify: async () => {
    const { default: fastify } = await import('fastify');
    return (await import('../apps/start-fastify.js')).startFastify(fastify);
  },
  'Nest on Express': async () => {
    const { ExpressAdapter } = await import('@nestjs/platform-express');
    return (await import('../apps/start-nest.js')).startNest(() => new ExpressAdapter());
  },
  'Nest on Fastify': async () => {
    const { FastifyAdapter } = await import('@nestjs/platform-fastify');
    return (await import('../apps/start-nest.js')).startNest(() => new FastifyAdapter());
  },
  fetch: async () => (await import('../apps/start-hono.js')).startHono,
};

const none: Measured = { rssBytes: 0, heldBytes: 0 };
let most = none;
const measure = () => {
  const { rss, heapUsed, external } = process.memoryUsage();
  most = {
    rssBytes: Math.max(most.rssBytes, rss),
    heldBytes: Math.max(most.heldBytes, heapUsed + external),
  };
};
setInterval(measure, 5).unref();
process.on('message', () => {
  measure();
  process.send?.(most);
  most = none;
});
process.on('disconnect', () => process.exit());

const [name = '', limit] = process.argv.slice(2);
const start = starters[name] as () => Promise<StartApp>;
const app = new SuiteApp(await start(), { maxBytes: Number(limit) });
await app.begin();
process.send?.({ origin: app.origin } satisfies Started);
