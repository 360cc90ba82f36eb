import { describe, expect, it } from 'vitest';
import { type LambdaHttpEvent, webhookHandler } from '../../src/adapters/lambda/index.js';
import { createMemoryReplayStore, type RefusalReason, type WebhookEvent } from '../../src/index.js';
import { callback, notice, verifierWith } from '../requests.js';

const { headers } = callback();
const lines = headers as [string, string][];
const flat = Object.fromEntries(lines);
const text = JSON.stringify(notice);

const version2: LambdaHttpEvent = {
  rawPath: '/hook',
  rawQueryString: 'a=1',
  headers: flat,
  body: text,
  isBase64Encoded: false,
  requestContext: { http: { method: 'POST', sourceIp: '203.0.113.9' } },
};

const version1: LambdaHttpEvent = {
  httpMethod: 'POST',
  path: '/hook',
  headers: flat,
  multiValueHeaders: Object.fromEntries(lines.map(([name, value]) => [name, [value]])),
  body: Buffer.from(text).toString('base64'),
  isBase64Encoded: true,
  requestContext: { identity: { sourceIp: '203.0.113.9' } },
};

const balancer: LambdaHttpEvent = {
  httpMethod: 'POST',
  path: '/hook',
  headers: { ...flat, 'x-forwarded-for': '203.0.113.9' },
  body: text,
  isBase64Encoded: false,
};

describe('the Lambda handler', () => {
  const handlerWith = (options = {}) =>
    webhookHandler({ verifier: verifierWith(options), handler: () => undefined });

  it.each([
    ['a function URL or API Gateway 2.0', version2],
    ['API Gateway 1.0', version1],
    ['a load balancer', balancer],
    [
      'a load balancer with an empty list of several values',
      { ...balancer, multiValueHeaders: {} },
    ],
  ])('accepts an event of %s', async (_name, event) => {
    const answer = await handlerWith()(event, {});
    expect(answer).toMatchObject({ statusCode: 200, body: '{"received":true}' });
  });

  it.each([version2, version1])('knows the address of the client', async (event) => {
    const answer = await handlerWith({ allow: ['198.51.100.0/24'] })(event, {});
    expect(answer).toMatchObject({ statusCode: 403, body: '{"reason":"address-refused"}' });
  });

  it('refuses an event of a load balancer where the address counts', async () => {
    const answer = await handlerWith({ allow: ['203.0.113.0/24'] })(balancer, {});
    expect(answer).toMatchObject({ statusCode: 403, body: '{"reason":"address-invalid"}' });
  });

  it.each<[string, Partial<LambdaHttpEvent>, RefusalReason]>([
    ['bytes that were no UTF-8', { body: `${text}\uFFFD` }, 'body-not-raw'],
    ['no body', { body: null }, 'signature'],
    ['no headers', { headers: null }, 'header-missing'],
    ['no method', { requestContext: {} }, 'method'],
  ])('refuses %s', async (_name, more, reason) => {
    const answer = await handlerWith()({ ...version2, ...more }, {});
    expect(answer.body).toBe(JSON.stringify({ reason }));
  });

  it('names what parsed the body before it', async () => {
    const events: WebhookEvent[] = [];
    const verifier = verifierWith({ observer: (event) => events.push(event) });
    const parsed = { ...version2, body: { a: 1 } as never };
    const answer = webhookHandler({ verifier, handler: () => undefined })(parsed, {});
    await expect(answer).rejects.toMatchObject({
      code: 'BODY_ALREADY_PARSED',
      message: expect.stringMatching(
        /^the body of POST \/hook \(application\/json\) .* as an object: httpJsonBodyParser\(\) .*Take it off/,
      ),
    });
    expect(events).toMatchObject([{ event: 'refused', reason: 'body-not-raw', status: 500 }]);
  });

  it('tells a header that stands twice', async () => {
    const name = lines.find(([one]) => /signature/i.test(one))?.[0] as string;
    const value = flat[name] as string;
    const multiValueHeaders = { ...version1.multiValueHeaders, [name]: [value, value] };
    const answer = await handlerWith()({ ...version1, multiValueHeaders }, {});
    expect(answer.body).toBe('{"reason":"header-duplicate"}');
  });

  it('takes the retry after the handler failed or answered with an error status', async () => {
    const answers = [
      () => {
        throw new Error('down');
      },
      () => ({ statusCode: 503, headers: {}, body: '' }),
      () => ({ done: true }),
    ];
    const verifier = verifierWith({ replay: { store: createMemoryReplayStore() } });
    const handler = webhookHandler({ verifier, handler: () => answers.shift()?.() });
    await expect(handler(version2, {})).rejects.toThrow('down');
    expect((await handler(version2, {})).statusCode).toBe(503);
    expect((await handler(version2, {})).body).toBe('{"done":true}');
    expect((await handler(version2, {})).body).toBe('{"reason":"replay"}');
  });

  it('lets the application answer a refusal itself', async () => {
    const handler = webhookHandler({
      verifier: verifierWith(),
      handler: () => undefined,
      onRefused: ({ verdict }) => ({
        statusCode: 302,
        headers: { location: verdict.reason },
        body: '',
      }),
    });
    expect(await handler({ ...version2, body: '{}' }, {})).toMatchObject({
      statusCode: 302,
      headers: { location: 'signature' },
    });
  });
});
