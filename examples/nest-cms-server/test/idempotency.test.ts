import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Problem } from '../src/platform/http/problem.js';
import { IDEMPOTENCY_KEYS } from '../src/platform/idempotency/idempotency.collection.js';
import {
  fingerprintOf,
  type IdempotentCall,
  type IdempotentResult,
} from '../src/platform/idempotency/idempotency.js';
import { testVariables } from './support/environment.js';
import { type Platform, startPlatform } from './support/platform.js';

let first: Platform;
let second: Platform;
let calls = 0;

const call = (over: Partial<IdempotentCall> = {}): IdempotentCall => ({
  caller: 'somebody',
  route: 'POST /things',
  key: 'key-1',
  fingerprint: fingerprintOf({ name: 'thing' }),
  ...over,
});

const make = (
  platform: Platform,
  over: Partial<IdempotentCall> = {},
): Promise<IdempotentResult<{ id: string; nothing?: undefined }>> =>
  platform.idempotency.run(call(over), async (session) => {
    calls += 1;
    const { insertedId } = await platform.database
      .collection('things')
      .insertOne({ madeFor: over.key ?? 'key-1' }, { session });
    return { id: insertedId.toHexString(), nothing: undefined };
  });

const effects = (): Promise<number> => first.database.collection('things').countDocuments();

beforeAll(async () => {
  const variables = testVariables();
  first = await startPlatform({ variables });
  second = await startPlatform({ variables });
});
beforeEach(async () => {
  calls = 0;
  await first.database.collection('things').deleteMany({});
  await first.database.collection(IDEMPOTENCY_KEYS).deleteMany({});
});
afterAll(async () => {
  await second.stop();
  await first.stop({ drop: true });
});

describe('an idempotency key', () => {
  it('makes one effect, and gives the first answer again', async () => {
    const made = await make(first);
    const again = await make(second);
    expect([made.replayed, again.replayed]).toEqual([false, true]);
    expect(again.result).toEqual(made.result);
    expect([calls, await effects()]).toEqual([1, 1]);
  });

  it('makes one effect of fifty calls at the same time on two instances', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => make(index % 2 === 0 ? first : second)),
    );
    expect(new Set(answers.map(({ result }) => result.id)).size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await effects()).toBe(1);
  });

  it('belongs to one caller and one route', async () => {
    await make(first);
    await make(first, { caller: 'somebody else' });
    await make(first, { route: 'POST /others' });
    expect(await effects()).toBe(3);
  });

  it('is refused for another request', async () => {
    await make(first);
    const other = make(first, { fingerprint: fingerprintOf({ name: 'another thing' }) });
    await expect(other).rejects.toMatchObject({ status: 422, code: 'IDEMPOTENCY_KEY_REUSED' });
    await expect(other).rejects.toBeInstanceOf(Problem);
    expect(await effects()).toBe(1);
  });

  it('may be tried again after an error, which leaves neither effect nor record', async () => {
    await expect(
      first.idempotency.run(call(), async (session) => {
        await first.database.collection('things').insertOne({}, { session });
        throw new Error('too late');
      }),
    ).rejects.toThrow('too late');
    expect(await effects()).toBe(0);
    expect((await make(first)).replayed).toBe(false);
  });

  it('gives the token of its transaction, for reads that must see the effect', async () => {
    const { token } = await make(first);
    expect(token.operationTime).toBeDefined();
    expect(token.clusterTime).toBeDefined();
  });
});

describe('the fingerprint of a request', () => {
  it('is the same for any order of keys, at any depth', () => {
    expect(fingerprintOf({ a: 1, b: { c: [1, { d: 2, e: 3 }], f: 4n } })).toBe(
      fingerprintOf({ b: { f: 4n, c: [1, { e: 3, d: 2 }] }, a: 1 }),
    );
  });

  it.each([
    ['values', { a: 1 }, { a: 2 }],
    ['types', { a: 1 }, { a: '1' }],
    ['orders of a list', { a: [1, 2] }, { a: [2, 1] }],
    ['sizes of a number', { a: 1n }, { a: 1 }],
    ['nothing and null', {}, { a: null }],
  ])('tells different %s apart', (_what, one, other) => {
    expect(fingerprintOf(one)).not.toBe(fingerprintOf(other));
  });
});
