import { describe, expect, it } from 'vitest';
import { keyHeader } from './cache-key.js';

const SCOPE = { database: 'shop', collection: 'a' };
const pipelineClass = { name: 'contracts', version: 3 };

describe('what the text of every key begins with', () => {
  it('is the format and the whole place of the question, each part with its length', () => {
    expect(keyHeader({ ...SCOPE, pipelineClass, tenant: 'acme', prefix: 'p' })).toBe(
      '2|1:p9:contracts|3|4:acme4:shop1:a',
    );
    expect(keyHeader(SCOPE)).toBe('2|--||-4:shop1:a');
  });

  it('sets audited classes apart', () => {
    const audited = { ...SCOPE, pipelineClass: { ...pipelineClass, auditRate: 0.01 } };
    expect(keyHeader(audited)).toBe('2|-9:contracts|3!|-4:shop1:a');
    const never = { ...SCOPE, pipelineClass: { ...pipelineClass, auditRate: 0 } };
    expect(keyHeader(never)).toBe(keyHeader({ ...SCOPE, pipelineClass }));
  });

  it.each([
    ['prefix', { ...SCOPE, prefix: '\ud800' }],
    ['name', { ...SCOPE, pipelineClass: { name: '\ud800', version: 1 } }],
    ['tenant', { ...SCOPE, tenant: '\ud800' }],
    ['database', { ...SCOPE, database: '\ud800' }],
    ['collection', { ...SCOPE, collection: '\ud800' }],
  ])('is refused where UTF-8 cannot spell the %s', (path, scope) => {
    expect(() => keyHeader(scope)).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED_VALUE',
        details: { path, kind: 'half of a character' },
        message: `The value at '${path}' cannot be part of a key: half of a character.`,
      }),
    );
  });
});
