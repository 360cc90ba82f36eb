import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeExamples } from '../../../../readme.shared.js';
import { INBOX_DEFAULTS } from '../../src/inbox/index.js';

const pageUrl = new URL('../../docs/inbox.md', import.meta.url);

describe('the page about the inbox', () => {
  describeExamples(pageUrl, 1, new URL('../../', import.meta.url));

  it.each(Object.entries(INBOX_DEFAULTS))('gives the default of %s', (option, value) => {
    const row = readFileSync(pageUrl, 'utf8')
      .split('\n')
      .find((line) => line.startsWith(`| \`${option}\` `));
    expect(row?.split('|')[3]?.trim()).toBe(value.toLocaleString('en'));
  });
});
