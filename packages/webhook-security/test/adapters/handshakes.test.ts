import { createHmac } from 'node:crypto';
import { Controller, Module, Post, Res, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import Fastify from 'fastify';
import { describe, expect, it, vi } from 'vitest';
import { webhookRoute } from '../../src/adapters/fastify/index.js';
import { webhookHandler as fetchHandler } from '../../src/adapters/fetch/index.js';
import { webhookHandler as lambdaHandler } from '../../src/adapters/lambda/index.js';
import { WebhookRoute } from '../../src/adapters/nestjs/index.js';
import { meta, slack, zoom } from '../../src/index.js';
import { signWebhookAsync } from '../../src/signing/index.js';
import { now, verifierWith } from '../requests.js';

const secret = '0123456789abcdef';

const verifier = verifierWith({ scheme: slack(), keys: [secret] });

const asked = async () => {
  const body = JSON.stringify({ type: 'url_verification', challenge: 'c1' });
  const sent = await signWebhookAsync({ scheme: slack(), key: secret, body, time: now });
  const headers = { 'content-type': 'application/json', ...sent.headers };
  return { headers, body };
};

const handler = () => {
  throw new Error('The handler ran.');
};

const TOKEN = Symbol('verifier');

async function startNest(controller: Type<unknown>): Promise<NestFastifyApplication> {
  @Module({ controllers: [controller], providers: [{ provide: TOKEN, useValue: verifier }] })
  class AppModule {}
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  await app.init();
  return app;
}

describe('a handshake', () => {
  it('is answered on Fastify, after the application heard of it', async () => {
    const onChallenged = vi.fn();
    const app = Fastify();
    await app.register(webhookRoute({ url: '/hook', verifier, handler, onChallenged }));
    const { headers, body } = await asked();
    const answer = await app.inject({ method: 'POST', url: '/hook', headers, payload: body });
    expect([answer.statusCode, answer.headers['content-type'], answer.body]).toEqual([
      200,
      'text/plain',
      'c1',
    ]);
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(onChallenged).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ verdict: expect.objectContaining({ verdict: 'challenged' }) }),
    );
  });

  it('is answered so that no browser guesses at its type, elsewhere too', async () => {
    const { headers, body } = await asked();
    const request = new Request('https://example.com/', { method: 'POST', headers, body });
    const response = await fetchHandler({ verifier, handler })(request);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const event = { httpMethod: 'POST', headers, body };
    expect((await lambdaHandler({ verifier, handler })(event, {})).headers).toEqual({
      'content-type': 'text/plain',
      'x-content-type-options': 'nosniff',
    });
  });

  it('fails where the application does', async () => {
    const onChallenged = () => Promise.reject(new Error('mine'));
    const { headers, body } = await asked();
    const onFetch = fetchHandler({ verifier, handler, onChallenged });
    const request = new Request('https://example.com/', { method: 'POST', headers, body });
    await expect(onFetch(request)).rejects.toThrow('mine');
    const onLambda = lambdaHandler({ verifier, handler, onChallenged });
    const event = { httpMethod: 'POST', headers, body };
    await expect(onLambda(event, {})).rejects.toThrow('mine');
  });

  it('is answered in a Nest application', async () => {
    @Controller()
    class Hooks {
      @Post('hook')
      @WebhookRoute(TOKEN)
      hook() {
        return handler();
      }
    }
    const app = await startNest(Hooks);
    const { headers, body } = await asked();
    const answer = await app.inject({ method: 'POST', url: '/hook', headers, payload: body });
    expect([answer.statusCode, answer.body]).toEqual([200, 'c1']);
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    await app.close();
  });

  it('must be answerable: a Nest handler with a response of its own is refused at the start', async () => {
    @Controller()
    class Hooks {
      @Post('hook')
      @WebhookRoute(TOKEN)
      hook(@Res() _response: unknown) {
        return handler();
      }
    }
    await expect(startNest(Hooks)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    @Controller()
    class Passing {
      @Post('hook')
      @WebhookRoute(TOKEN)
      hook(@Res({ passthrough: true }) _response: unknown) {
        return handler();
      }
    }
    await (await startNest(Passing)).close();
  });

  it('that holds a text to sign is answered with its HMAC', async () => {
    const body = JSON.stringify({
      event: 'endpoint.url_validation',
      payload: { plainToken: 'qgg8vlvZRS6UYooatFL8Aw' },
    });
    const sent = await signWebhookAsync({ scheme: zoom(), key: secret, body, time: now });
    const byHmac = verifierWith({ scheme: zoom(), keys: [secret] });
    const verdict = await byHmac.verify({ method: 'POST', ...sent });
    const encryptedToken = createHmac('sha256', secret)
      .update('qgg8vlvZRS6UYooatFL8Aw')
      .digest('hex');
    expect(verdict).toMatchObject({
      verdict: 'challenged',
      reply: {
        status: 200,
        contentType: 'application/json',
        body: JSON.stringify({ plainToken: 'qgg8vlvZRS6UYooatFL8Aw', encryptedToken }),
      },
    });
  });

  it('in the address is answered with the right token alone', async () => {
    const verifyToken = 'the token of the set-up';
    const byQuery = verifierWith({ scheme: meta(), keys: [secret], verifyToken });
    const onFetch = fetchHandler({ verifier: byQuery, handler });
    const ask = async (token: string, mode = 'subscribe') => {
      const query = new URLSearchParams({
        'hub.mode': mode,
        'hub.verify_token': token,
        'hub.challenge': '<b>77</b>',
      });
      const answer = await onFetch(new Request(`https://example.com/hook?${query.toString()}`));
      return [answer.status, await answer.text(), answer.headers.get('content-type')];
    };
    expect(await ask(verifyToken)).toEqual([200, '<b>77</b>', 'text/plain']);
    expect((await ask('another'))[1]).toBe('{"reason":"challenge-refused"}');
    expect((await ask(verifyToken, 'other'))[1]).toBe('{"reason":"method"}');
    const without = verifierWith({ scheme: meta(), keys: [secret] });
    const answer = await fetchHandler({ verifier: without, handler })(
      new Request('https://example.com/?hub.mode=subscribe&hub.verify_token=&hub.challenge=1'),
    );
    expect(answer.status).toBe(403);
  });
});
