import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isKnownRefusal } from '../gateway/known-refusals.js';
import { standingOf } from '../intents/judge-rows.js';
import { shopperMessage } from './shopper-messages.js';

const codes =
  '1 2 4 101 102 106 113 118 120 200 206 300 305 310 316 321 325 342 345 354 355 400 401 501 504 600'.split(
    ' ',
  );

describe('what is told to a shopper', () => {
  it.each([
    ['A', 'G48213', 'none'],
    ['H', 'G48213', 'wait'],
    ['P', '12625679397955', 'wait'],
    ['D', '305', 'tryAgain'],
    ['D', '316', 'payOtherwise'],
    ['D', '310', 'tryAgain'],
    ['D', '501', 'askBank'],
    ['D', '9999', 'payOtherwise'],
    ['E', '200', 'payOtherwise'],
    ['E', '206', 'askShop'],
    ['E', '401', 'wait'],
    ['E', '7777', 'wait'],
    ['Z', 'G1', 'wait'],
    ['C', '321', 'tryAgain'],
    ['X', '355', 'tryAgain'],
  ])('of %s %s has the next step %s', (status, responseCode, nextStep) => {
    expect(shopperMessage({ status, responseCode }).nextStep).toBe(nextStep);
  });

  it('is in English or in Arabic, and holds no code', () => {
    for (const responseCode of codes) {
      for (const status of ['D', 'E']) {
        const english = shopperMessage({ status, responseCode });
        const arabic = shopperMessage({ status, responseCode }, 'ar');
        expect(english.sentence).toMatch(/^[A-Z][a-z ,;]+[a-zA-Z ,;.]*\.$/);
        expect(arabic.sentence).toMatch(/^[\u0600-\u06ff][\u0600-\u06ff ،.]+\.$/);
        expect(arabic).toMatchObject({ nextStep: english.nextStep, language: 'ar' });
      }
    }
  });

  it('never says that nothing was charged where nobody knows, nor to pay again', () => {
    const status = fc.oneof(
      fc.constantFrom('A', 'D', 'H', 'P', 'E', 'C', 'X', 'V', 'Z'),
      fc.string(),
    );
    const responseCode = fc.oneof(fc.constantFrom(...codes), fc.string());
    fc.assert(
      fc.property(status, responseCode, (letter, code) => {
        const { sentence, nextStep } = shopperMessage({ status: letter, responseCode: code });
        const standing = standingOf({ status: letter, responseCode: code });
        if (standing === 'none') return;
        expect(sentence).not.toContain('not been charged');
        expect(['none', 'wait']).toContain(nextStep);
      }),
      { numRuns: 2_000 },
    );
  });

  it('knows every code that says that nothing was done', () => {
    for (const code of codes.filter((each) => isKnownRefusal(each))) {
      expect(shopperMessage({ status: 'E', responseCode: code }).nextStep).not.toBe('wait');
    }
  });
});
