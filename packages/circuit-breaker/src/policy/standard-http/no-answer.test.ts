import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.js';
import { standardHttp } from '../standard-http.js';

const http = () => standardHttp({ name: 'x', clock: new ManualClock() });

describe('a pipeline for HTTP', () => {
  it.each([null, undefined, 5, 'text'])('gives out %o, though it is no answer', async (given) => {
    await expect(http().execute({ method: 'GET' }, (async () => given) as never)).resolves.toBe(
      given,
    );
  });

  it.each([{}, { method: '' }, { method: 5 }, null])(
    'says what a request must have where it is %o',
    async (request) => {
      const call = http().execute(request as never, async () => ({ status: 200 }));
      await expect(call).rejects.toMatchObject({
        option: 'request',
        allowed: 'a request with a method, such as GET',
      });
    },
  );
});
