import { EventEmitter } from 'node:events';
import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import { type RedisArgument, type RedisClient, RedisConnection } from './redis-connection.js';
import { ADOPT, LOOK } from './scripts.js';

/** A client whose every answer waits for the test, as that of a slow or frozen server does. */
class SlowClient extends EventEmitter implements RedisClient {
  status = 'ready';
  refreshed = 0;
  readonly waiting: { sha: unknown; args: RedisArgument[]; answer: (value: unknown) => void }[] =
    [];

  async connect(): Promise<void> {}

  refreshSlotsCache(): void {
    this.refreshed += 1;
  }

  callBuffer(_command: string, [sha, keys, ...rest]: RedisArgument[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const answer = (value: unknown) => (value instanceof Error ? reject(value) : resolve(value));
      this.waiting.push({ sha, args: rest.slice(Number(keys)), answer });
    });
  }

  async answerNext(script: { readonly sha: string }, value: unknown) {
    await turn();
    const next = this.waiting.shift();
    if (next?.sha !== script.sha) throw new Error('It was not asked.');
    next.answer(value);
    await turn();
    return next;
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
    stateKey: 's',
    onState: (state) => states.push(state),
  });
  const look = () => {
    const end = connection.run('look', LOOK, [], []).catch((error: unknown) => error);
    return { end };
  };
  return { redis, clock, states, connection, look };
};

const away = (reason: string) => ({
  code: 'REMOTE_FAILED',
  details: { operation: 'look', reason },
});

describe('a connection', () => {
  it('is not used before the server was asked which run it is, and names that run', async () => {
    const { redis, connection, look, states } = open();
    expect(connection.state).toBe('away');
    expect(await look().end).toMatchObject(away('away'));
    await redis.answerNext(ADOPT, Buffer.from('run1'));
    expect(states).toEqual(['ready']);
    const { end } = look();
    const asked = await redis.answerNext(LOOK, 'answer');
    expect(asked.args[0]).toBe('run1');
    expect(await end).toBe('answer');
  });

  it.each([
    'RUN changed',
    "READONLY You can't write against a read only replica.",
    'ERR Error running script (call to f_1): @user_script:1: -READONLY You cannot',
    'NOREPLICAS Not enough good replicas to write.',
    'CLUSTERDOWN The cluster is down',
    'LOADING Redis is loading the dataset in memory',
  ])('is away, and asks again, when it is told: %s', async (message) => {
    const { redis, connection, look, states } = open();
    await redis.answerNext(ADOPT, 'run1');
    const { end } = look();
    await redis.answerNext(LOOK, new Error(message));
    expect(await end).toMatchObject(away('away'));
    expect(redis.refreshed).toBe(1);
    await redis.answerNext(ADOPT, 'run2');
    expect(states).toEqual(['ready', 'away', 'ready']);
    look();
    expect((await redis.answerNext(LOOK, 'answer')).args[0]).toBe('run2');
    expect(connection.state).toBe('ready');
  });

  it('stays when a command is refused for what it is', async () => {
    const { redis, connection, look } = open();
    await redis.answerNext(ADOPT, 'run1');
    const { end } = look();
    await redis.answerNext(LOOK, new Error('WRONGTYPE of run READONLY'));
    expect(await end).toMatchObject(away('refused'));
    expect(connection.state).toBe('ready');
  });

  it('costs all that wait one time-out when the server is silent, and the next nothing', async () => {
    const { redis, clock, connection, look, states } = open();
    await redis.answerNext(ADOPT, 'run1');
    const waiting = [look(), look(), look()];
    await turn();
    clock.advance(50);
    for (const { end } of waiting) expect(await end).toMatchObject(away('timeout'));
    expect(states).toEqual(['ready', 'away']);
    expect(await look().end).toMatchObject(away('away'));
    // Thawed, it answers what it was asked all the while.
    for (let late = 0; late < 3; late += 1) await redis.answerNext(LOOK, 'late');
    expect(connection.state).toBe('away');
    await redis.answerNext(ADOPT, 'run1');
    expect(connection.state).toBe('ready');
  });

  it('stays when only one command was slow', async () => {
    const { redis, clock, connection, look } = open();
    await redis.answerNext(ADOPT, 'run1');
    const slow = look();
    const quick = look();
    await turn();
    redis.waiting.reverse();
    await redis.answerNext(LOOK, 'quick');
    expect(await quick.end).toBe('quick');
    clock.advance(50);
    expect(await slow.end).toMatchObject(away('timeout'));
    expect(connection.state).toBe('ready');
  });

  it('takes an answer that came while this process was busy', async () => {
    const { redis, clock, look } = open();
    await redis.answerNext(ADOPT, 'run1');
    const { end } = look();
    await turn();
    clock.advance(60);
    // The timer was first, but the answer lay there already.
    redis.waiting.shift()?.answer('in time');
    expect(await end).toBe('in time');
  });

  it('asks which run it is ever more rarely, and takes the first answer', async () => {
    const { redis, clock, connection } = open();
    await turn();
    for (const pauseMs of [50, 100, 200, 400, 500, 500]) clock.advance(pauseMs);
    await turn();
    expect(redis.waiting).toHaveLength(7);
    expect(redis.refreshed).toBe(6);
    await redis.answerNext(ADOPT, new Error('LOADING'));
    expect(connection.state).toBe('away');
    await redis.answerNext(ADOPT, 'run1');
    expect(connection.state).toBe('ready');
    await redis.answerNext(ADOPT, 'another');
    clock.advance(10_000);
    await turn();
    expect(redis.waiting).toHaveLength(4);
  });

  it('queues nothing for a connection that is not there', async () => {
    const { redis, clock } = open();
    await redis.answerNext(ADOPT, 'run1');
    redis.status = 'reconnecting';
    redis.emit('close');
    clock.advance(10_000);
    await turn();
    expect(redis.waiting).toHaveLength(0);
  });

  it('is away from the moment it is lost or closed, and then listens no more', async () => {
    const { redis, connection, states } = open();
    await redis.answerNext(ADOPT, 'run1');
    redis.emit('close');
    redis.emit('end');
    expect(connection.state).toBe('away');
    expect(states).toEqual(['ready', 'away']);
    redis.emit('ready');
    connection.close();
    await redis.answerNext(ADOPT, 'run1');
    expect(connection.state).toBe('away');
    redis.emit('ready');
    await turn();
    expect(redis.waiting).toHaveLength(0);
  });
});
