import { describe, expect, it } from 'vitest';
import { cleanTrace, redact } from './redact.js';

const key = 'SZJNT3ST01-J6KD9M2PQR-WTHVBN7XYZ';

describe('free text of the gateway', () => {
  it.each([
    ['4111111111111111', '[digits]'],
    ['pan4111111111111111x', 'pan[digits]x'],
    ['4111 1111 1111 1111', '[digits]'],
    ['4111  1111 -1111. 1111', '[digits]'],
    ['4.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1', '[digits]'],
    ['41111111111111111111111111', '[digits]'],
    ['cvv=123', 'cvv=[digits]'],
    ['CVV2: "1234"', 'CVV2: "[digits]"'],
    ['security code 999 is wrong', 'security code [digits] is wrong'],
    ['token 2C4652BF67A3EA33C6B590FE658078BD', 'token [token]'],
    ['token gbcn45bt7xNdDMVwq1Kk', 'token [token]'],
    [`key ${key}.`, 'key [key].'],
    [`key ${key.toLowerCase()}.`, 'key [key].'],
    [`"S9KLM4NPQR-B7CD2FGH3J-K5LM6NPQ8R" is not ${key}`, '"[key]" is not [key]'],
    ['TST4111111111111111', 'TST4[digits]'],
    ['to sara@example.com', 'to [e-mail]'],
  ])('%s is shown as %s', (text, shown) => {
    expect(redact(text, key)).toBe(shown);
  });

  it.each([
    'Cart ID is not valid',
    'Card security code (CVV) mismatch',
    'connect ECONNREFUSED 192.168.100.200:54321',
    'at 2026-09-13 08:02:15 code 305',
    'customer_details, payment_result',
    'TST2632400000777 of PMNT0101.6A000001.00000A01',
  ])('%s stays as it is', (text) => {
    expect(redact(text, key)).toBe(text);
  });
});

describe('a trace', () => {
  it.each([
    'PMNT0402.6A000A17.00000C11',
    'PMNT0101.12345678.12345678',
    'IPNS0401.6AA51B20.00000001',
  ])('%s stays readable', (trace) => {
    expect(cleanTrace(trace, key)).toBe(trace);
  });

  it.each([key, key.toLowerCase(), '4111111111111111', '2C4652BF67A3EA33C6B590FE658078BD'])(
    'that is none, such as %s, is free text',
    (trace) => {
      expect(cleanTrace(trace, key)).toMatch(/^\[\w+\]$/);
    },
  );
});
