import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { NamedSubject } from './subjects.js';

const KEY = createSecretKey(Buffer.from('0123456789abcdef0123456789abcdef'));
const BODY = Buffer.from('{"action":"opened"}');

const expected = (): Buffer => createHmac('sha256', KEY).update(BODY).digest();

type Compare = (right: Buffer, given: Buffer) => boolean;

/** What nobody should write. */
const stopsEarly: Compare = (right, given) => {
  for (let place = 0; place < right.length; place += 1) {
    if (right[place] !== given[place]) return false;
  }
  return true;
};

const looksAtLengths: Compare = (right, given) =>
  right.length === given.length && timingSafeEqual(right, given);

const given = (compare: Compare, pair: readonly [Buffer, Buffer]): Omit<NamedSubject, 'name'> => {
  let bytes = pair[0];
  return {
    prepare: (which) => {
      bytes = Buffer.from(pair[which]);
    },
    call: () => compare(expected(), bytes),
  };
};

const wrongAt = (place: number): Buffer => {
  const bytes = expected();
  bytes[place] = (bytes[place] as number) ^ 1;
  return bytes;
};

export interface Known extends NamedSubject {
  readonly leaks: boolean;
}

/** Compares of which it is known whether they leak: shows that the measurement can tell. */
export const LEAKING: readonly Known[] = [
  {
    name: 'a compare that stops at the first difference',
    leaks: true,
    ...given(stopsEarly, [wrongAt(0), wrongAt(31)]),
  },
  {
    name: 'a compare that looks at the lengths first',
    leaks: true,
    ...given(looksAtLengths, [wrongAt(31), wrongAt(31).subarray(1)]),
  },
  {
    name: 'timingSafeEqual, wrong in the first and in the last byte',
    leaks: false,
    ...given(timingSafeEqual, [wrongAt(0), wrongAt(31)]),
  },
  {
    name: 'the same class twice',
    leaks: false,
    ...given(stopsEarly, [wrongAt(31), wrongAt(31)]),
  },
];
