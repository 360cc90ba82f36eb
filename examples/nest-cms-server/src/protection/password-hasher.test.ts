import { describe, expect, it } from 'vitest';
import { createBcryptHasher, type PasswordHasher } from './password-hasher.js';

const cheap = createBcryptHasher({ cost: 4 });

/** The shortest of several runs, which noise on the machine cannot lengthen. */
async function shortestMs(run: () => Promise<unknown>): Promise<number> {
  let shortest = Number.POSITIVE_INFINITY;
  for (let index = 0; index < 5; index += 1) {
    const startedAt = performance.now();
    await run();
    shortest = Math.min(shortest, performance.now() - startedAt);
  }
  return shortest;
}

describe('the password hasher', () => {
  it('knows a password again, and no other', async () => {
    const hash = await cheap.hash('correct horse battery');
    expect(await cheap.verify('correct horse battery', hash)).toBe(true);
    expect(await cheap.verify('correct horse batterx', hash)).toBe(false);
    expect(await cheap.hash('correct horse battery')).not.toBe(hash);
  });

  it('works at cost 12 unless told otherwise', async () => {
    expect(await createBcryptHasher().hash('x')).toMatch(/^\$2b\$12\$/);
  });

  it.each([3, 21, 4.5, Number.NaN])('refuses the cost %d', (cost) => {
    expect(() => createBcryptHasher({ cost })).toThrow(RangeError);
  });

  it('neither cuts a password of more than 72 bytes nor accepts it', async () => {
    const longest = 'é'.repeat(36);
    const hash = await cheap.hash(longest);
    expect(await cheap.verify(longest, hash)).toBe(true);
    expect(await cheap.verify(`${longest}!`, hash)).toBe(false);
    await expect(cheap.hash(`${longest}!`)).rejects.toThrow('72 bytes');
  });

  it('refuses everything where there is no hash, and takes as long for it', async () => {
    const hasher: PasswordHasher = createBcryptHasher({ cost: 9 });
    const hash = await hasher.hash('correct horse battery');
    expect(await hasher.verify('', undefined)).toBe(false);
    const known = await shortestMs(() => hasher.verify('wrong', hash));
    const unknown = await shortestMs(() => hasher.verify('wrong', undefined));
    expect(unknown).toBeGreaterThan(known / 2);
    expect(unknown).toBeLessThan(known * 2);
  });
});
