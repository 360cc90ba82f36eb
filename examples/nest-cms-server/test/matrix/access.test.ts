import type { RouteOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROLES } from '../../src/identity/caller.js';
import { forbidden, type ProblemBody, unauthorized } from '../../src/platform/http/problem.js';
import type { Answer, Api } from '../support/api.js';
import { type Handler, handlersOf } from '../support/handlers.js';
import { offlineOpenApi } from '../support/offline-open-api.js';
import { type RunningServer, startServer } from '../support/start-server.js';

const CALLERS = ['anonymous', ...ROLES] as const;
type Who = (typeof CALLERS)[number];
type Outcome = 'yes' | '401' | '403';
type Outcomes = Readonly<Record<Who, Outcome>>;

interface Route {
  readonly method: string;
  readonly url: string;
}

/** Pages and their files: public by nature. */
const isFile = (url: string): boolean => /^\/(?:docs(?:-json)?(?:\/|$)|$|\*|.*\.\w+$)/.test(url);
const nameOf = ({ method, url }: Route): string => `${method.padEnd(6)} ${url}`;

const outcomesOf = (decide: (who: Who) => Outcome): Outcomes =>
  Object.fromEntries(CALLERS.map((who) => [who, decide(who)])) as Outcomes;

/** Closed by the guard, or let through to the handler, whatever that makes of an empty request. */
function outcomeOf({ status, body }: Answer): Outcome {
  const { detail } = (body ?? {}) as Partial<ProblemBody>;
  if (status === 401 && detail === unauthorized().detail) return '401';
  if (status === 403 && detail === forbidden().detail) return '403';
  return 'yes';
}

const expectedOf = ({ access }: Handler): Outcomes =>
  outcomesOf((who) => {
    if (access === 'public') return 'yes';
    if (who === 'anonymous') return '401';
    return access.includes(who) ? 'yes' : '403';
  });

const HEAD = `# Who may call which route, as the running server answers. A change here is a change of rights.
# Written by access.test.ts; run it with -u after a change that is meant.

`;

function tableOf(matrix: ReadonlyMap<string, Outcomes>): string {
  const rows = [...matrix].sort(([one], [other]) => (one.slice(7) < other.slice(7) ? -1 : 1));
  const width = Math.max(...rows.map(([name]) => name.length));
  const line = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(width)}  ${cells.map((cell) => cell.padEnd(10)).join('')}`.trimEnd();
  return `${HEAD}${[line('', CALLERS), ...rows.map(([name, outcomes]) => line(name, Object.values(outcomes)))].join('\n')}\n`;
}

describe('every route for every caller', () => {
  const routes: Route[] = [];
  const matrix = new Map<string, Outcomes>();
  let server: RunningServer;

  beforeAll(async () => {
    const onRoute = ({ method, url }: RouteOptions): void => {
      for (const one of [method].flat()) {
        if (one !== 'HEAD' && one !== 'OPTIONS' && !isFile(url)) routes.push({ method: one, url });
      }
    };
    server = await startServer({ overrides: { onRoute } });
    const signedIn = new Map<Who, Api>([['anonymous', server.api]]);
    for (const role of ROLES) signedIn.set(role, (await server.signIn(role)).api);
    for (const route of routes) {
      const outcomes: Partial<Record<Who, Outcome>> = {};
      for (const who of CALLERS) {
        // The session that is ended is nobody else's.
        const endsSession = who !== 'anonymous' && route.url.endsWith('/logout');
        const api = endsSession ? (await server.signIn(who)).api : signedIn.get(who);
        const path = route.url.replace(':id', '665f1c2ab7e4d2a1c3f4e5d6');
        outcomes[who] = outcomeOf(await (api as Api).send(route.method, path, {}));
      }
      matrix.set(nameOf(route), outcomes as Outcomes);
    }
  });
  afterAll(() => server.stop());

  it('is as the file in the tree says', async () => {
    await expect(tableOf(matrix)).toMatchFileSnapshot('./access.txt');
  });

  it('is what its decorators say', async () => {
    const { paths } = await offlineOpenApi();
    const handlers = handlersOf(server.app);
    const seen = new Set<string>();
    for (const [path, item] of Object.entries(paths)) {
      for (const method of ['get', 'post', 'put', 'patch', 'delete'] as const) {
        const id = item[method]?.operationId;
        const handler = handlers.find(({ operation }) => id?.replace(/_v\d+$/, '') === operation);
        if (id === undefined || handler === undefined) continue;
        const name = nameOf({
          method: method.toUpperCase(),
          url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
        });
        expect([name, matrix.get(name)]).toEqual([name, expectedOf(handler)]);
        seen.add(name);
      }
    }
    // All but what the API description leaves out.
    expect([...matrix.keys()].filter((name) => !seen.has(name))).toEqual(['GET    /metrics']);
  });
});
