import { describe, expect, it } from 'vitest';
import { pairOf, told } from '../../test/support/signed.js';
import type { WebhookHeaders } from '../request/headers.js';
import { github } from '../scheme/presets/github.js';

const { verifier, sign } = pairOf(github(), { maxBytes: 100 });

/** A signed request with more header lines. */
function requestWith(more: readonly (readonly [string, unknown])[], body = '{}') {
  const { headers, ...rest } = sign(body);
  return { ...rest, headers: [...Object.entries(headers), ...more] as WebhookHeaders };
}

/** The same, whose content type is written by the test alone. */
function typed(...types: readonly unknown[]) {
  const { headers, ...rest } = sign('{}');
  const kept = Object.entries(headers).filter(([name]) => name !== 'content-type');
  const lines = types.map((type) => ['content-type', type]);
  return { ...rest, headers: [...kept, ...lines] as WebhookHeaders };
}

describe('the content encoding', () => {
  it.each([[['identity']], [[' Identity ']], [['identity', 'IDENTITY']]])(
    'may be %j',
    (encodings) => {
      const lines = encodings.map((one) => ['content-encoding', one] as const);
      expect(told(verifier.verifySync(requestWith(lines)))).toBe('accepted');
    },
  );

  it.each([[['gzip']], [['']], [['identity', 'gzip']], [['identity, gzip']], [[7]]])(
    'may not be %j',
    (encodings) => {
      const lines = encodings.map((one) => ['content-encoding', one] as const);
      expect(verifier.verifySync(requestWith(lines))).toMatchObject({
        reason: 'content-encoding',
        stage: 'request',
        status: 415,
      });
    },
  );
});

describe('the content type', () => {
  it('may stand there once or not at all', () => {
    const verdicts = [typed(), typed('application/json'), typed('Application/JSON; charset=utf-8')];
    for (const request of verdicts) expect(told(verifier.verifySync(request))).toBe('accepted');
  });

  it('may not be another, stand there twice, or be no text', () => {
    // One that was allowed before must not open the door to these.
    expect(told(verifier.verifySync(typed('application/json')))).toBe('accepted');
    const type = 'application/json';
    for (const request of [typed('text/html'), typed(type, type), typed(7)]) {
      expect(verifier.verifySync(request)).toMatchObject({ reason: 'content-type', status: 415 });
    }
  });
});

describe('the size of the body', () => {
  const bodyOf = (length: number) => `"${'a'.repeat(length - 2)}"`;

  it('may be all that is allowed, and no byte more', () => {
    expect(told(verifier.verifySync(requestWith([], bodyOf(100))))).toBe('accepted');
    expect(verifier.verifySync(requestWith([], bodyOf(101)))).toMatchObject({
      reason: 'body-too-large',
      stage: 'request',
      status: 413,
    });
  });
});
