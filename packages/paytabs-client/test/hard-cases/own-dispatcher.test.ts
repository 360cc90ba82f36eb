import { Agent, RetryAgent } from 'undici';
import { describe, expect, it } from 'vitest';
import { parseMajor } from '../../src/index.js';
import type { AnyDispatcher } from '../../src/transport/exchange.js';
import { talk } from '../with-dispatcher.js';

const refund = {
  tranRef: 'TST2625600001234',
  cartId: 'refund-1',
  amount: parseMajor('149.50', 'AED'),
  description: 'Two tickets',
};

describe('a dispatcher of the shop', () => {
  it('must not send again by itself: it would do so after the first bytes of an answer', () => {
    const dispatcher = new RetryAgent(new Agent(), { methods: ['POST'] });
    expect(() => talk({}, { dispatcher })).toThrow(/send again/);
  });

  it('that does not say when it starts is believed to have sent once an answer begins', async () => {
    let count = 0;
    const dispatcher: AnyDispatcher = {
      dispatch: (_, handler) => {
        count += 1;
        handler.onResponseStart?.({} as never, 200, {}, 'OK');
        handler.onResponseError?.({} as never, new Error('cut off'));
        return true;
      },
    };
    const { client } = talk({}, { dispatcher });
    expect(await client.refund(refund)).toMatchObject({ kind: 'unknown', reason: 'noAnswer' });
    expect(count).toBe(1);
  });
});

describe('fields of the gateway that this version does not know', () => {
  it.each([['Cart_Amount'], ['TRAN_TYPE'], ['tran_type']])(
    'are none that are set already: %s',
    async (name) => {
      const { client, sent } = talk({});
      const link = { title: 'Tickets', amount: refund.amount, fields: { [name]: '1' } };
      await expect(client.links.create(link)).rejects.toMatchObject({
        code: 'INVALID_REQUEST',
        message: expect.stringContaining('fields: '),
      });
      expect(sent()).toEqual([]);
    },
  );
});
