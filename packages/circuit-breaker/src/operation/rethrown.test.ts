import { describe, expect, it } from 'vitest';
import { Rethrown } from './rethrown.js';

const down = new Error('down');

describe('an error that is handed on', () => {
  it('rejects the promise that a handler gives it to, untouched', async () => {
    for (const error of [down, undefined, null, 'text', Promise.resolve(5)]) {
      const handed = Promise.reject(new Error('first')).catch(() => new Rethrown(error));
      const seen = await handed.then(
        () => 'resolved',
        (thrown: unknown) => Object.is(thrown, error),
      );
      expect(seen).toBe(true);
    }
  });

  it('rejects who awaits it', async () => {
    await expect(Promise.resolve(new Rethrown(down))).rejects.toBe(down);
  });

  it('may be handled, as any rejection', async () => {
    await expect(Promise.resolve(new Rethrown(down)).catch(() => 'handled')).resolves.toBe(
      'handled',
    );
  });
});
