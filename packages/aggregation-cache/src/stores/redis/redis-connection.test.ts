import { EventEmitter } from 'node:events';
import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import { type RedisClient, RedisConnection } from './redis-connection.js';
import { LOOK } from './scripts.js';

/** A client whose every answer waits for the test, as a resent command's does. */
class SlowClient extends EventEmitter implements RedisClient {
  status = 'ready';
  readonly waiting: { command: string; answer: (value: unknown) => void }[] = [];

  async connect(): Promise<void> {}

  callBuffer(command: string): Promise<unknown> {
    return new Promise((answer) => {
      this.waiting.push({ command, answer });
    });
  }

  async answerNext(command: string, value: unknown): Promise<void> {
    await turn();
    const next = this.waiting.shift();
    if (next?.command !== command) throw new Error(`${command} was not asked.`);
    next.answer(value);
    await turn();
  }
}

const turn = () => new Promise(setImmediate);

const open = () => {
  const redis = new SlowClient();
  const clock = new ManualClock();
  const states: string[] = [];
  const connection = new RedisConnection({
    redis,
    clock,
    timeoutMs: 50,
    generationsKey: 'g',
    onState: (state) => states.push(state),
  });
  const adopt = async () => {
    await redis.answerNext('INFO', 'redis_version:7\r\nrun_id:abc\r\n');
    await redis.answerNext('EVALSHA', 0);
  };
  return { redis, clock, states, connection, adopt };
};

describe('a connection', () => {
  it('is not used before the server was asked which run it is', async () => {
    const { connection, adopt, states } = open();
    expect(connection.state).toBe('away');
    await expect(connection.run('look', LOOK, [], [])).rejects.toMatchObject({
      details: { operation: 'look', reason: 'away' },
    });
    await adopt();
    expect(connection.state).toBe('ready');
    expect(states).toEqual(['ready']);
  });

  it('does not pass on an answer to what was asked of a connection that was lost', async () => {
    const { redis, connection, adopt } = open();
    await adopt();
    const asked = connection.run('look', LOOK, [], []);
    const end = asked.catch((error: unknown) => error);
    redis.emit('close');
    redis.emit('ready');
    // The client sends it again; the server may have gone back in time, and was not asked yet.
    await redis.answerNext('EVALSHA', ['old value', 1_000]);
    expect(await end).toMatchObject({ details: { reason: 'away' } });
  });

  it('gives up on a command after its time-out, and drops its late answer', async () => {
    const { redis, clock, connection, adopt } = open();
    await adopt();
    const asked = connection.run('look', LOOK, [], []);
    const end = asked.catch((error: unknown) => error);
    await turn();
    clock.advance(50);
    expect(await end).toMatchObject({ details: { reason: 'timeout' } });
    await redis.answerNext('EVALSHA', []);
    expect(connection.state).toBe('ready');
  });

  it('asks again when it is not told which run it is', async () => {
    const { redis, clock, connection, adopt } = open();
    await turn();
    clock.advance(50);
    await turn();
    expect(connection.state).toBe('away');
    redis.waiting.length = 0;
    clock.advance(100);
    await adopt();
    expect(connection.state).toBe('ready');
  });

  it('is away from the moment it is lost or closed, and then listens no more', async () => {
    const { redis, connection, adopt, states } = open();
    await adopt();
    redis.emit('close');
    redis.emit('end');
    expect(connection.state).toBe('away');
    expect(states).toEqual(['ready', 'away']);
    connection.close();
    redis.emit('ready');
    await turn();
    expect(redis.waiting).toHaveLength(0);
  });
});
