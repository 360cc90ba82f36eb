import {
  addMoney,
  compareMoney,
  isPayTabsError,
  type Money,
  money,
  PayTabsClient,
  parseMajor,
  sameMoney,
  shopperMessage,
} from '@nestcms/paytabs-client';
import { startSimulator } from '@nestcms/paytabs-client/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

/** What a program without types may write. */
const anything = (value: unknown) => value as never;

async function startClient() {
  const simulator = await startSimulator();
  onTestFinished(() => simulator.stop());
  const { profileId, serverKey, baseUrl } = simulator;
  const client = new PayTabsClient({ profileId, serverKey, baseUrl });
  onTestFinished(() => client.close());
  return { client, simulator };
}

const refused = (act: () => unknown) => {
  try {
    return act();
  } catch (error) {
    return isPayTabsError(error, 'INVALID_MONEY') ? 'refused' : error;
  }
};

describe('a program without types', () => {
  it.each([149.5, 149, 149n, ['149.50']])(
    'has no amount read from what is no text: %s',
    (value) => {
      expect(refused(() => parseMajor(anything(value), 'AED'))).toBe('refused');
    },
  );

  it('hears that numbers are no amounts, not that two of them are the same', () => {
    const [ten, twenty] = [anything(10), anything(20)];
    expect(sameMoney(ten, twenty)).toBe(false);
    expect(sameMoney(anything(undefined), anything(undefined))).toBe(false);
    expect(refused(() => compareMoney(ten, twenty))).toBe('refused');
    expect(refused(() => addMoney(ten, twenty))).toBe('refused');
    const numbers: Money = anything({ minor: 5, currency: 'AED' });
    expect(refused(() => compareMoney(numbers, money(4n, 'AED')))).toBe('refused');
  });

  it('is told that a signal goes into an object, where it gave it as the object', async () => {
    const { client, simulator } = await startClient();
    const order = { cartId: 'order-1.1', amount: money(100n, 'AED'), description: 'A ticket' };
    const call = client.createHostedPage(order, anything(AbortSignal.abort()));
    await expect(call).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: 'call: give the signal as { signal }',
    });
    expect(simulator.requests()).toEqual([]);
  });

  it('is told which field keeps a card from the form that comes nearest', async () => {
    const { client } = await startClient();
    const order = { cartId: 'order-2.1', amount: money(100n, 'AED'), description: 'A ticket' };
    const call = client.chargeToken({ ...order, card: anything({ token: 'a-token' }) });
    await expect(call).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringMatching(/^card\.(tranRef|use): /),
    });
  });

  it('is told that what hears of ends must be a function', async () => {
    const { client } = await startClient();
    await expect(client.reconcile({ onEnded: anything('books') })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: 'onEnded: must be a function',
    });
  });

  it('shows a shopper English where it asks for a language that is not there', () => {
    const said = shopperMessage({ status: 'A', responseCode: 'G1' }, anything('fr'));
    expect(said).toEqual(shopperMessage({ status: 'A', responseCode: 'G1' }, 'en'));
  });
});
