import { describe, expect, it } from 'vitest';

interface Following {
  readonly ask: () => Promise<{ status: string }>;
  readonly isSettled: (payment: { status: string }) => boolean;
  readonly isHere: () => boolean;
  readonly onTrouble: (error: Error | undefined) => void;
  readonly wait: (ms: number) => Promise<void>;
  readonly now: () => number;
}

// What the page runs, as the browser gets it.
const { follow } = (await import(new URL('../public/follow.js', import.meta.url).href)) as {
  follow: (following: Following) => Promise<'settled' | 'left' | 'timeUp'>;
};

type Answer = string | { readonly status: number; readonly retryAfterMs?: number };

/** Follows a payment whose answers are these, the last one again and again. */
async function followed(answers: readonly Answer[], over: Partial<Following> = {}) {
  let now = 0;
  const askedAt: number[] = [];
  const troubles: boolean[] = [];
  const end = follow({
    ask: async () => {
      const answer = answers[Math.min(askedAt.length, answers.length - 1)] ?? '';
      askedAt.push(now);
      if (typeof answer !== 'string') throw Object.assign(new Error('refused'), answer);
      return { status: answer };
    },
    isSettled: ({ status }) => status === 'paid',
    isHere: () => true,
    onTrouble: (error) => troubles.push(error !== undefined),
    wait: async (ms) => {
      now += ms;
    },
    now: () => now,
    ...over,
  });
  return { end: await end, askedAt, troubles, endedAt: now };
}

describe('the page that follows a payment', () => {
  it('asks until it is paid, first after two seconds and then less and less often', async () => {
    const { end, askedAt } = await followed(['processing', 'processing', 'processing', 'paid']);
    expect(end).toBe('settled');
    expect(askedAt).toEqual([2_000, 5_000, 9_500, 16_250]);
  });

  it('stays far below what the server lets through, and stops after a minute', async () => {
    const { end, askedAt, endedAt } = await followed(['processing']);
    expect([end, endedAt]).toEqual(['timeUp', 60_000]);
    expect(askedAt.length).toBeLessThan(10);
    const pauses = askedAt.map((at, index) => at - (askedAt[index - 1] ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(2_000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(10_000);
  });

  it.each([0, 408, 429, 500, 502, 503])('goes on after an error of status %i', async (status) => {
    const { end, troubles } = await followed([{ status }, 'processing', 'paid']);
    expect(end).toBe('settled');
    // Said, and taken back.
    expect(troubles).toEqual([true, false]);
  });

  it('comes no earlier than the server asked it to, and only once that late', async () => {
    const busy = { status: 429, retryAfterMs: 20_000 };
    const { askedAt } = await followed([busy, 'processing', 'paid']);
    expect(askedAt).toEqual([2_000, 22_000, 26_500]);
  });

  it('does not wait beyond its minute for a server that asks for more', async () => {
    const busy = { status: 503, retryAfterMs: 3_600_000 };
    expect(await followed([busy])).toMatchObject({ end: 'timeUp', endedAt: 60_000 });
  });

  it.each([401, 403, 404])('gives up at once at an error of status %i', async (status) => {
    await expect(followed([{ status }, 'paid'])).rejects.toMatchObject({ status });
  });

  it('gives up at an error that is none of the server', async () => {
    const ask = () => Promise.reject(new TypeError('a fault of the page'));
    await expect(followed([], { ask })).rejects.toThrow('a fault of the page');
  });

  it('asks nothing any more when nobody looks', async () => {
    const { end, askedAt } = await followed(['processing'], { isHere: () => false });
    expect([end, askedAt]).toEqual(['left', []]);
  });
});
