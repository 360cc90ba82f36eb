import { afterAll, describe, expect, it, vi } from 'vitest';

// The real one, whose calls are counted. Files before this one may have loaded it without, and
// those after it are to do so.
vi.doMock('bcrypt', { spy: true });
vi.resetModules();
afterAll(() => {
  vi.doUnmock('bcrypt');
  vi.resetModules();
});
const { hash: bcryptHash, compare, getRounds } = await import('bcrypt');
const { createBcryptHasher } = await import('./password-hasher.js');

const cheap = createBcryptHasher({ cost: 4 });

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

  it('refuses everything where there is no hash, by the same work as where there is one', async () => {
    const hasher = createBcryptHasher({ cost: 9 });
    const hash = await hasher.hash('correct horse battery');
    vi.mocked(compare).mockClear();
    expect(await hasher.verify('wrong', hash)).toBe(false);
    expect(await hasher.verify('wrong', undefined)).toBe(false);
    expect(await hasher.verify('', undefined)).toBe(false);
    const compared = vi.mocked(compare).mock.calls.map(([, against]) => String(against));
    expect(compared).toHaveLength(3);
    expect(compared.map((against) => [against.length, getRounds(against)])).toEqual(
      Array(3).fill([60, 9]),
    );
    // bcrypt says no at once to what has no good salt, and works for all the rest.
    for (const against of compared) {
      const salt = against.slice(0, 29);
      expect(await bcryptHash('wrong', salt)).toMatch(/^\$2b\$09\$/);
    }
  });
});
