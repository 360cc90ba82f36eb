import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { Redis } from 'ioredis';
import type { Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TokenService } from '../src/identity/tokens.js';
import {
  IDEMPOTENCY_KEYS,
  type IdempotencyDocument,
} from '../src/platform/idempotency/idempotency.collection.js';
import { fingerprintOf } from '../src/platform/idempotency/idempotency.js';
import type { StoredEvent } from '../src/platform/outbox/event.js';
import { OUTBOX, type OutboxDocument } from '../src/platform/outbox/outbox.collection.js';
import { type Platform, startPlatform } from './support/platform.js';
import { formOf, readSample, sample } from './support/samples.js';
import { type RunningServer, startServer } from './support/start-server.js';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({
    clock: new ManualClock({ wallTime: Date.UTC(2026, 10, 21) }),
  });
});
afterAll(() => platform.stop({ drop: true }));

describe('an event in the outbox', () => {
  const stored = sample<OutboxDocument>('outbox-v1');

  it('of version 1 is delivered', async () => {
    const { database, relay } = platform;
    const delivered: StoredEvent[] = [];
    relay.subscribe('sample', async (event) => {
      delivered.push(event);
    });
    await database.collection<OutboxDocument>(OUTBOX).insertOne(stored);
    await relay.drain();
    expect(delivered).toMatchObject([
      {
        id: '6b04c7b956ce6126fff4af01',
        v: 1,
        type: 'payment.paid',
        aggregate: { type: 'payment', id: '6b04c7b956ce6126fff4af02' },
        sequence: 3,
        data: { tranRef: 'TST2332900012345', amount: { minor: 14950, currency: 'AED' } },
        time: new Date('2026-11-20T10:00:00Z'),
        correlationId: 'request-0001',
        causationId: 'notice-0001',
      },
    ]);
  });

  it('is written in that form', async () => {
    const { database, outbox } = platform;
    const { type, data, causationId = '' } = sample<OutboxDocument>('outbox-v1');
    const aggregate = { type: 'payment', id: 'of-today' };
    await database.transaction((session) =>
      outbox.append(session, { type, aggregate, data, causationId }),
    );
    const written = await database.db
      .collection(OUTBOX)
      .findOne({ 'aggregate.id': aggregate.id }, { promoteValues: false });
    expect(formOf(written ?? {})).toEqual(formOf(sample('outbox-v1')));
  });
});

describe('a record of an idempotency key', () => {
  const request = { title: 'Deposit' };

  it('of version 1 answers for its request', async () => {
    const { database, idempotency } = platform;
    const stored = sample<IdempotencyDocument>('idempotency-key-v1');
    await database.collection<IdempotencyDocument>(IDEMPOTENCY_KEYS).insertOne(stored);
    const { caller, route, key } = stored;
    const call = { caller, route, key, fingerprint: fingerprintOf(request) };
    const answer = await idempotency.run(call, () => Promise.reject(new Error('made twice')));
    expect(answer).toMatchObject({ replayed: true, result: { id: '6b04c7b956ce6126fff4af02' } });
  });

  it('is written in that form', async () => {
    const { database, idempotency } = platform;
    const call = { caller: 'c', route: 'r', key: 'of-today', fingerprint: fingerprintOf(request) };
    await idempotency.run(call, async () => ({ id: 'x' }));
    const written = await database.db
      .collection(IDEMPOTENCY_KEYS)
      .findOne({ key: 'of-today' }, { promoteValues: false });
    expect(formOf(written ?? {})).toEqual(formOf(sample('idempotency-key-v1')));
  });
});

describe('a session in Redis', () => {
  const sessionId = '9b0c2a54-3d0e-4b57-8a3c-6f1d2e3c4b5a';
  const stored = JSON.parse(readSample('session-v1')) as { v: 1; userId: string; role: 'client' };
  let server: RunningServer;
  let redis: Redis;
  let keyPrefix: string;

  beforeAll(async () => {
    server = await startServer();
    const { redisStateUrl = '', redisKeyPrefix } = server.environment;
    keyPrefix = `${redisKeyPrefix}session:`;
    redis = new Redis(redisStateUrl);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  /** What a caller is told whose session is stored as this text. */
  async function asked(text: string): Promise<string> {
    await redis.set(keyPrefix + sessionId, text, 'EX', 60);
    const { userId, role } = stored;
    const { accessToken } = await server.app.get(TokenService).issue({ userId, role, sessionId });
    const { body } = await server.api.get<{ detail: string }>('/api/v1/users/me', {
      headers: { authorization: `bearer ${accessToken}` },
    });
    return body.detail;
  }

  it('of version 1 is believed', async () => {
    // It belongs to nobody in this database, which is looked at only after the session.
    expect(await asked(readSample('session-v1'))).toBe('The account is gone.');
  });

  it.each(['', 'spoilt', '{}', JSON.stringify({ ...stored, role: 'root' })])(
    'that reads %j is none',
    async (text) => {
      expect(await asked(text)).toBe('The session has ended. Sign in again.');
    },
  );

  it('is written in that form', async () => {
    await server.signIn('client');
    const keys = (await redis.keys(`${keyPrefix}*`)).filter((key) => !key.endsWith(sessionId));
    const written = JSON.parse((await redis.get(keys[0] ?? '')) ?? '{}') as Document;
    expect(formOf(written)).toEqual(formOf(stored));
  });
});
