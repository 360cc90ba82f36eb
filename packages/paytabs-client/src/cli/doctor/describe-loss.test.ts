import { describe, expect, it } from 'vitest';
import { describeLoss } from './describe-loss.js';

const says = (code: string | undefined) => describeLoss({ code }, { host: 'host' }).says;

describe('a lost connection', () => {
  it.each([
    ['EAI_AGAIN', 'DNS'],
    ['ENOTFOUND', 'DNS'],
    ['ECONNREFUSED', 'refused'],
    ['ENETUNREACH', 'no way'],
    ['CERT_HAS_EXPIRED', 'TLS'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'TLS'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'TLS'],
    ['EPROTO', 'TLS'],
    ['UND_ERR_CONNECT_TIMEOUT', 'No connection'],
    ['ETIMEDOUT', 'No connection'],
    ['UND_ERR_HEADERS_TIMEOUT', 'no answer'],
    ['TIMEOUT', 'no answer'],
    ['ECONNRESET', 'broke off'],
    [undefined, 'broke off'],
  ])('by %s', (code, what) => {
    expect(says(code)).toContain(what);
  });
});
