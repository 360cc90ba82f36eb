import type { Limits } from '../config/environment.js';

export type LimitClass = 'auth' | 'payments' | 'process' | 'webhook' | 'general';

interface LimitRule {
  readonly perMinute: (limits: Limits) => number;
  /** Routes counted by this class alone; `:version` stands for v1 and v2. */
  readonly routes: readonly string[];
  /** `address` counts by client address even when somebody is signed in. */
  readonly by: 'caller' | 'address';
  /** What is counted: each request, or only the ones that were answered 401. */
  readonly counts: 'all' | 'refused';
}

/** One class per route. Everything else under /api, and every path that leads nowhere, is `general`. */
export const limitRules: Readonly<Record<LimitClass, LimitRule>> = {
  auth: {
    perMinute: (limits) => limits.authPerMinute,
    routes: ['POST /api/:version/auth/login', 'POST /api/:version/auth/register/client'],
    by: 'address',
    counts: 'all',
  },
  payments: {
    perMinute: (limits) => limits.paymentsPerMinute,
    routes: ['POST /api/:version/payments/create'],
    by: 'caller',
    counts: 'all',
  },
  process: {
    perMinute: (limits) => limits.processPerMinute,
    routes: ['POST /api/:version/payments/process/:id'],
    by: 'caller',
    counts: 'all',
  },
  // Genuine notices come from few addresses and in bursts, so only refused ones count.
  webhook: {
    perMinute: (limits) => limits.webhookRefusedPerMinute,
    routes: ['POST /api/:version/payments/webhook'],
    by: 'address',
    counts: 'refused',
  },
  general: {
    perMinute: (limits) => limits.generalPerMinute,
    routes: [],
    by: 'caller',
    counts: 'all',
  },
};

const classByRoute = new Map<string, LimitClass>(
  (Object.keys(limitRules) as LimitClass[]).flatMap((name) =>
    limitRules[name].routes.flatMap((route) =>
      ['v1', 'v2'].map((version): [string, LimitClass] => [
        route.replace(':version', version),
        name,
      ]),
    ),
  ),
);

/** The class of a route pattern; none for pages, health and metrics. */
export function limitClassOf(method: string, route: string | undefined): LimitClass | undefined {
  if (route === undefined) return 'general';
  return (
    classByRoute.get(`${method} ${route}`) ?? (route.startsWith('/api/') ? 'general' : undefined)
  );
}
