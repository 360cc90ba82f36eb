import { describe, expect, it } from 'vitest';
import { readAnswer, writeAnswer } from './kept-answer.js';

const answer = { status: 202, contentType: 'text/plain', body: 'stored as 7' };

describe('a kept answer', () => {
  it('is read as it was written', () => {
    expect(readAnswer(writeAnswer(answer) as string)).toEqual(answer);
    expect(writeAnswer(undefined)).toBeUndefined();
  });

  it('is 8192 characters long at most', () => {
    const ofLength = (length: number) => {
      const around = JSON.stringify([202, 'text/plain', '']).length;
      return writeAnswer({ ...answer, body: 'x'.repeat(length - around) });
    };
    expect(ofLength(8_192)).toHaveLength(8_192);
    expect(ofLength(8_193)).toBeUndefined();
  });

  it.each([
    'no JSON',
    'null',
    '{}',
    '"202"',
    '[]',
    '["202","text/plain","stored"]',
    '[202.5,"text/plain","stored"]',
    '[202,7,"stored"]',
    '[202,"text/plain",7]',
    '[202,"text/plain"]',
  ])('is not read from %s', (text) => {
    expect(readAnswer(text)).toBeUndefined();
  });
});
