import { describe, expect, it } from 'vitest';
import { webhookHandler } from '../../src/adapters/fetch/index.js';
import { github, slack, type WebhookEvent } from '../../src/index.js';
import { signWebhookAsync } from '../../src/signing/index.js';
import { callback, verifierWith } from '../requests.js';

const secret = '0123456789abcdef';
const requestOf = (
  headers: [string, string][] | Record<string, string>,
  body: Buffer<ArrayBuffer> | null,
) => new Request('https://example.com/hook', { method: 'POST', headers, body });

describe('the fetch handler', () => {
  const { headers, body } = callback();
  const right = () => requestOf([...(headers as [string, string][])], Buffer.from(body));

  it('sends a Response of the handler as it is, and confirms or releases by its status', async () => {
    const handler = webhookHandler({
      verifier: verifierWith(),
      handler: () => new Response('mine', { status: 202 }),
    });
    const answer = await handler(right());
    expect([answer.status, await answer.text()]).toEqual([202, 'mine']);
  });

  it.each<[string, (request: Request) => unknown]>([
    ['read the body', (request) => request.text()],
    ['holds its reader', (request) => request.body?.getReader()],
  ])('names what %s before it, and the line to add', async (_, take) => {
    const events: WebhookEvent[] = [];
    const verifier = verifierWith({ observer: (event) => events.push(event) });
    const request = right();
    await take(request);
    const answer = webhookHandler({ verifier, handler: () => undefined })(request);
    await expect(answer).rejects.toMatchObject({
      code: 'BODY_ALREADY_PARSED',
      message: expect.stringMatching(
        /^the body of POST \/hook \(application\/json\) .* as nothing: request\.json\(\), .*verdict\.payload/,
      ),
    });
    expect(events).toMatchObject([{ event: 'refused', reason: 'body-not-raw', status: 500 }]);
  });

  it('answers a handshake and runs no handler', async () => {
    const verifier = verifierWith({ scheme: slack(), keys: [secret] });
    const challenge = JSON.stringify({ type: 'url_verification', challenge: 'c1' });
    const sent = await signWebhookAsync({
      scheme: slack(),
      key: secret,
      body: challenge,
      time: Date.UTC(2026, 8, 13, 8, 20),
    });
    const handler = webhookHandler({
      verifier,
      handler: () => {
        throw new Error('It ran.');
      },
    });
    const answer = await handler(requestOf({ ...sent.headers }, Buffer.from(sent.body)));
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      200,
      'text/plain',
      'c1',
    ]);
  });

  it('takes a request without a body', async () => {
    const handler = webhookHandler({
      verifier: verifierWith({ scheme: github(), keys: [secret] }),
      handler: () => undefined,
    });
    const sent = await signWebhookAsync({ scheme: github(), key: secret, body: '' });
    const answer = await handler(requestOf({ ...sent.headers }, null));
    expect(await answer.json()).toEqual({ reason: 'body-empty' });
  });
});
