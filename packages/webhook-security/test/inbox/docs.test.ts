import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { INBOX_DEFAULTS } from '../../src/inbox/index.js';

const pageUrl = new URL('../../docs/inbox.md', import.meta.url);

describe('the page about the inbox', () => {
  it.each(Object.entries(INBOX_DEFAULTS))('gives the default of %s', (option, value) => {
    const row = readFileSync(pageUrl, 'utf8')
      .split('\n')
      .find((line) => line.startsWith(`| \`${option}\` `));
    expect(row?.split('|')[3]?.trim()).toBe(value.toLocaleString('en'));
  });
});
