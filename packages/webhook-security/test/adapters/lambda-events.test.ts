import { beforeEach, describe, expect, it } from 'vitest';
import { type LambdaHttpEvent, webhookHandler } from '../../src/adapters/lambda/index.js';
import type { AppParts, StartApp } from './apps/app-parts.js';
import type { Outgoing } from './send.js';
import { SuiteApp } from './suite-app.js';
import { accepted, callback, handshakes, refused, right } from './suite-requests.js';

/** An event, and what the platform has done to headers that stand twice. */
interface Kind {
  readonly eventOf: (outgoing: Outgoing) => LambdaHttpEvent;
  readonly twice: 'apart' | 'joined';
}

const grouped = ({ headers }: Outgoing): Record<string, string[]> => {
  const groups: Record<string, string[]> = {};
  // Names that differ in letter case alone are one name to the platform.
  for (const [name, value] of headers) {
    const group = name.toLowerCase();
    groups[group] = [...(groups[group] ?? []), value.trim()];
  }
  return groups;
};
const joined = (outgoing: Outgoing) =>
  Object.fromEntries(Object.entries(grouped(outgoing)).map(([name, all]) => [name, all.join(',')]));
const lastOf = (outgoing: Outgoing) =>
  Object.fromEntries(Object.entries(grouped(outgoing)).map(([name, all]) => [name, all.at(-1)]));

const partsOf = ({ method = 'POST', path = '/hook' }: Outgoing) => {
  const [pathname = '', query = ''] = path.split('?');
  return { method, pathname, query };
};

/** As text where it is text, as the platforms do with what they take for text. */
const bodyOf = ({ body }: Outgoing) => {
  const text = body.toString('utf8');
  const isText = Buffer.from(text).equals(body);
  return { body: isText ? text : body.toString('base64'), isBase64Encoded: !isText };
};

const kinds: Readonly<Record<string, Kind>> = {
  'API Gateway 2.0': {
    twice: 'joined',
    eventOf: (outgoing) => {
      const { method, pathname, query } = partsOf(outgoing);
      return {
        rawPath: pathname,
        rawQueryString: query,
        headers: joined(outgoing),
        body: outgoing.body.toString('base64'),
        isBase64Encoded: true,
        requestContext: { http: { method, sourceIp: '127.0.0.1' } },
      };
    },
  },
  'API Gateway 1.0': {
    twice: 'apart',
    eventOf: (outgoing) => {
      const { method, pathname, query } = partsOf(outgoing);
      return {
        httpMethod: method,
        path: pathname,
        headers: lastOf(outgoing),
        multiValueHeaders: grouped(outgoing),
        queryStringParameters: query === '' ? null : Object.fromEntries(new URLSearchParams(query)),
        ...bodyOf(outgoing),
        requestContext: { identity: { sourceIp: '127.0.0.1' } },
      };
    },
  },
  'a load balancer': {
    twice: 'apart',
    eventOf: (outgoing) => {
      const { method, pathname, query } = partsOf(outgoing);
      const pairs = query.split('&').filter((pair) => pair !== '');
      return {
        httpMethod: method,
        path: pathname,
        multiValueHeaders: grouped(outgoing),
        // As they came over the wire.
        multiValueQueryStringParameters: Object.fromEntries(
          pairs.map((pair) => {
            const [name = '', value = ''] = pair.split('=');
            return [name, [value]];
          }),
        ),
        ...bodyOf(outgoing),
        requestContext: { elb: {} },
      };
    },
  },
};

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** The requests of the suite as events; there is no socket here. */
describe.each(Object.entries(kinds))('the Lambda handler, events of %s', (name, kind) => {
  let ask: (outgoing: Outgoing) => Promise<Answer>;
  // A load balancer gives no peer: all that is known of the client is in X-Forwarded-For, for which nobody vouches.
  const hasPeer = name !== 'a load balancer';
  const start: StartApp = (parts) => {
    ask = asking(parts, kind);
    return Promise.resolve({ origin: '', close: () => Promise.resolve() });
  };
  const app = new SuiteApp(start, { allowsAny: !hasPeer });
  beforeEach(async () => {
    await app.begin();
    app.reset();
  });
  const refusedHere = hasPeer ? refused : refused.filter(([, , status]) => status !== 403);

  it.each(refusedHere)('refuses %s', async (_name, outgoing, status, usual) => {
    const isJoined = kind.twice === 'joined' && usual === 'header-duplicate';
    const reason = isJoined ? 'header-malformed' : usual;
    expect(await ask(outgoing)).toEqual({ status, body: { reason } });
    expect(app.handled).toEqual([]);
    expect(app.events).toMatchObject([{ event: 'refused', reason, status }]);
  });

  it.each(accepted)('accepts %s', async (_name, outgoing, address = '127.0.0.1') => {
    expect(await ask(outgoing)).toEqual({ status: 200, body: { received: true } });
    expect(app.handled).toHaveLength(1);
    const clientAddress = hasPeer ? address : undefined;
    expect(app.events).toMatchObject([{ event: 'accepted', clientAddress }]);
  });

  it.each(handshakes)('answers a handshake %s', async (_name, outgoing, status, body) => {
    // An answer to HEAD has a body that the platform drops.
    const expected = outgoing.method === 'HEAD' ? { reason: 'method' } : body;
    expect(await ask(outgoing)).toEqual({ status, body: expected });
  });

  it('answers a repeat, and takes the retry after the handler failed', async () => {
    app.handle = () => Promise.reject(new Error('the database is down'));
    expect((await ask(right)).status).toBe(500);
    app.handle = () => ({ received: true });
    expect((await ask(right)).body).toEqual({ received: true });
    expect(await ask(right)).toEqual({ status: 200, body: { reason: 'replay' } });
    expect((await ask(callback('{"tran_ref":"T2"}'))).body).toEqual({ received: true });
    expect(app.handled).toHaveLength(3);
  });
});

function asking({ hook, handle, asked, chat }: AppParts, { eventOf }: Kind) {
  const handlers: Readonly<Record<string, ReturnType<typeof webhookHandler>>> = {
    '/hook': webhookHandler({ verifier: hook, handler: ({ verdict }) => handle(verdict) }),
    '/asked': webhookHandler({ verifier: asked, handler: ({ verdict }) => verdict.payload }),
    '/chat': webhookHandler({ verifier: chat, handler: ({ verdict }) => verdict.payload }),
  };
  return async (outgoing: Outgoing): Promise<Answer> => {
    const event = eventOf(outgoing);
    const handler = handlers[event.rawPath ?? event.path ?? ''];
    // What a function throws its platform answers.
    const answer = await handler?.(event, {}).catch(() => undefined);
    if (answer === undefined) return { status: 500, body: undefined };
    return { status: answer.statusCode, body: parsed(answer.body) };
  };
}

function parsed(text: string): unknown {
  return text.startsWith('{') ? JSON.parse(text) : text;
}
