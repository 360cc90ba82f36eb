import { type Simulator, startSimulator } from '../../src/testing/index.js';
import type { PhpCheckouts } from './checkouts.js';
import { type PhpMerchant, type PhpPrograms, phpPrograms } from './php-programs.js';
import { expectFacts, type Steps, type Told, textOf } from './steps.js';

interface Scene {
  readonly simulator: Simulator;
  readonly merchant: PhpMerchant;
  readonly call: PhpPrograms['call'];
  readonly step: Steps['step'];
}

/** The vendor's PHP SDK, as it is, against the simulator: calls, and what the simulator sends. */
export async function runPhpSdk(
  steps: Steps,
  checkouts: PhpCheckouts,
  folder: string,
): Promise<void> {
  // This version does not say that it sends JSON.
  const options = { allowLocalCallback: true, contentType: 'any' } as const;
  const simulator = await startSimulator(options);
  try {
    const { call, startMerchant } = phpPrograms(checkouts, folder, simulator);
    await steps.story('The PHP SDK: another key', () => {
      const { baseUrl, profileId } = simulator;
      const account = { baseUrl, profileId, serverKey: OTHER_KEY };
      return refusesAnotherKey(steps, phpPrograms(checkouts, folder, account).call);
    });
    await steps.story('The PHP SDK: a merchant’s server', async () => {
      const merchant = await steps.step('PHP serves a merchant', startMerchant);
      try {
        const scene: Scene = { simulator, merchant, call, step: steps.step };
        for (const [name, tell] of Object.entries(stories)) {
          await steps.story(`The PHP SDK: ${name}`, () => tell(scene));
        }
        await steps.story('The PHP SDK: all callbacks of these stories', () => judgeAll(scene));
      } finally {
        await merchant.stop();
      }
    });
  } finally {
    await simulator.stop();
  }
}

/** Notices that no merchant may take for genuine. */
const mutations = ['forged', 'unsigned', 'tampered', 'reserialised'] as const;

const OTHER_KEY = 'SZZZZZZZZZ-ZZZZZZZZZZ-ZZZZZZZZZZ';

const cart = (cartId: string, amount = 149.5) => ({
  cartId,
  amount,
  currency: 'AED',
  description: 'Tea & <cake> for Zoë, شاي',
});

const refusesAnotherKey = ({ step }: Steps, call: PhpPrograms['call']): Promise<void> =>
  step('it is a failure, code 1', async () => {
    const told = await call({ do: 'query', tranRef: 'TST2600100000001' });
    expectFacts(told, { kind: 'failure', code: 1, processed: false });
  });

const askForPage = ({ call, merchant }: Scene, more: Told): Promise<Told> =>
  call({
    do: 'page',
    type: 'sale',
    email: "sara+o'neil~x@example.com",
    callbackUrl: `${merchant.url}/callback`,
    returnUrl: `${merchant.url}/return`,
    ...more,
  });

const openPage = async (scene: Scene, more: Told): Promise<Told> => {
  const told = await askForPage(scene, more);
  expectFacts(told, { kind: 'redirect', cartId: more.cartId, amount: more.amount });
  return told;
};

const paidPage = async (scene: Scene, more: Told): Promise<string> => {
  const page = await openPage(scene, more);
  await scene.simulator.pay(textOf(page, 'redirectUrl'));
  await scene.simulator.idle();
  return textOf(page, 'tranRef');
};

const verdictsOf = async ({ merchant }: Scene, path: string): Promise<readonly Told[]> =>
  (await merchant.verdicts()).filter((verdict) => verdict.path === path);

const expectLast = async (scene: Scene, path: string, facts: Told): Promise<void> =>
  expectFacts((await verdictsOf(scene, path)).at(-1) ?? {}, facts);

const stories: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
  'page, query and refund': async (scene) => {
    const { call, simulator, step } = scene;
    const sale = cart('php-sale~1 *');
    const page = await step('a page is asked for', () => openPage(scene, sale));
    const tranRef = textOf(page, 'tranRef');
    const visit = await step('its shopper pays', () => simulator.pay(textOf(page, 'redirectUrl')));
    await simulator.idle();
    const facts = { genuine: true, tranRef, cartId: sale.cartId, status: 'Authorised' };
    await step('its callback is genuine', () => expectLast(scene, '/callback', facts));
    await step('its return by POST is genuine', () => expectLast(scene, '/return', facts));
    await step('a return with another status is not', async () => {
      const body = new URLSearchParams({ ...visit.fields, respStatus: 'D' });
      const { status } = await fetch(visit.returned?.url ?? '', { method: 'POST', body });
      expectFacts({ status }, { status: 401 });
      await expectLast(scene, '/return', { genuine: false });
    });
    for (const mutate of mutations) {
      await step(`a callback that is ${mutate} is not`, async () => {
        const [delivery] = await simulator.deliver(tranRef, { mutate });
        expectFacts({ ...delivery }, { status: 401 });
        await expectLast(scene, '/callback', { genuine: false });
      });
    }
    const paid = { tranRef, type: 'Sale', cartId: sale.cartId, amount: 149.5, total: 149.5 };
    await step('a query by reference says paid', async () => {
      const told = await call({ do: 'query', tranRef });
      expectFacts(told, { kind: 'completed', ...paid, currency: 'AED', successful: true });
      expectFacts(told, { description: sale.description, card: '4111 11## #### 1111' });
      expectFacts(told, { profileId: simulator.profileId, customer: 'Sara Haddad' });
    });
    await step('a query by cart lists it', async () => {
      const { kind, rows } = await call({ do: 'queryByCart', cartId: sale.cartId });
      const [row, ...others] = rows as readonly Told[];
      expectFacts({ kind, others: others.length }, { kind: 'rows', others: 0 });
      expectFacts(row ?? {}, { ...paid, status: 'Authorised' });
    });
    const refund = { do: 'followUp', type: 'refund', tranRef };
    await step('a part is refunded', async () => {
      const told = await call({ ...refund, ...cart('php-refund-1', 49.5) });
      expectFacts(told, { kind: 'completed', type: 'Refund', successful: true, total: 49.5 });
      expectFacts(told, { previousTranRef: tranRef });
    });
    await step('more than is left is refused, code 118', async () => {
      const told = await call({ ...refund, ...cart('php-refund-2', 100.01) });
      expectFacts(told, { kind: 'completed', status: 'Error', failed: true, code: '118' });
    });
    await step('the rest is refunded', async () => {
      const told = await call({ ...refund, ...cart('php-refund-3', 100) });
      expectFacts(told, { successful: true, total: 100 });
    });
  },

  'a return by GET': async (scene) => {
    const { merchant, simulator, step } = scene;
    const more = { ...cart('0'), usingGet: true, returnUrl: `${merchant.url}/return?shop=7` };
    const page = await step('a page is asked for', () => openPage(scene, more));
    await step('its return is genuine, next to a field of the merchant’s own', async () => {
      await simulator.pay(textOf(page, 'redirectUrl'));
      await expectLast(scene, '/return', { genuine: true, cartId: '0', tranRef: page.tranRef });
    });
  },

  'ends without money': async (scene) => {
    const { call, simulator, step } = scene;
    const ends = [
      ['declined', { card: 'wrongCvv' }, 'Declined'],
      ['cancelled', { action: 'cancel' }, 'Canceled'],
    ] as const;
    for (const [name, choice, status] of ends) {
      await step(`a payment that is ${name} is genuine, and no success`, async () => {
        const page = await openPage(scene, cart(`php-${name}`));
        await simulator.pay(textOf(page, 'redirectUrl'), choice);
        await simulator.idle();
        const { tranRef } = page;
        await expectLast(scene, '/callback', { genuine: true, tranRef, status });
        await expectLast(scene, '/return', { genuine: true, tranRef, status });
        const told = await call({ do: 'query', tranRef });
        expectFacts(told, { kind: 'completed', status, successful: false, failed: true });
      });
    }
    await step('the same cart twice is a failure, code 4', async () => {
      await openPage(scene, cart('php-twice'));
      expectFacts(await askForPage(scene, cart('php-twice')), { kind: 'failure', code: 4 });
    });
  },

  'capture and void': async (scene) => {
    const { call, step } = scene;
    const followUp = (type: string, tranRef: string, amount: number) =>
      call({ do: 'followUp', type, tranRef, ...cart(`php-${type}-${tranRef}`, amount) });
    const hold = (cartId: string) =>
      step('an amount is held', () => paidPage(scene, { ...cart(cartId), type: 'auth' }));
    const held = await hold('php-auth-1');
    const captured = await step('a part is captured', async () => {
      const told = await followUp('capture', held, 100.25);
      expectFacts(told, { type: 'Capture', successful: true, total: 100.25 });
      expectFacts(told, { previousTranRef: held });
      return textOf(told, 'tranRef');
    });
    await step('the capture is refunded', async () => {
      expectFacts(await followUp('refund', captured, 100.25), { type: 'Refund', successful: true });
    });
    await step('the rest is released', async () => {
      expectFacts(await followUp('release', held, 49.25), { type: 'Release', successful: true });
    });
    const other = await hold('php-auth-2');
    await step('it is voided', async () => {
      const told = await followUp('void', other, 149.5);
      expectFacts(told, { type: 'Void', successful: true, previousTranRef: other });
    });
    await step('a query says so', async () => {
      const told = await call({ do: 'query', tranRef: other });
      expectFacts(told, { type: 'Auth', status: 'Voided' });
    });
  },

  tokens: async (scene) => {
    const { call, step } = scene;
    const sale = { ...cart('php-token'), tokenise: true };
    const tranRef = await step('a card is saved on a page', () => paidPage(scene, sale));
    const token = await step('its query has the token', async () =>
      textOf(await call({ do: 'query', tranRef }), 'token'),
    );
    await step('the token tells its card', async () => {
      const told = await call({ do: 'token', token });
      expectFacts(told, { kind: 'other', tranRef, card: '4111 11## #### 1111' });
      expectFacts(told, { customer: 'Sara Haddad' });
    });
    for (const form of ['plain', 'enhanced']) {
      await step(`it is charged, in the ${form} form`, async () => {
        const told = await call({ do: 'charge', form, token, ...cart(`php-charge-${form}`, 42) });
        expectFacts(told, { kind: 'completed', type: 'Sale', successful: true, total: 42 });
      });
    }
    await step('it is deleted, which is no failure', async () => {
      expectFacts(await call({ do: 'deleteToken', token }), { kind: 'other', code: 0 });
    });
    await step('it is gone: neither read nor charged', async () => {
      expectFacts(await call({ do: 'token', token }), { kind: 'failure' });
      const charge = { do: 'charge', form: 'plain', token, ...cart('php-charge-gone', 42) };
      const told = await call(charge);
      if (told.successful === true) throw new Error('it was charged');
    });
  },
};

/** Follow-ups and charges have callbacks too. */
const judgeAll = async ({ simulator, merchant, step }: Scene): Promise<void> => {
  await simulator.idle();
  await step('each was taken for genuine, but those made to fail', async () => {
    const callbacks = (await merchant.verdicts()).filter(({ path }) => path === '/callback');
    const refused = callbacks.filter(({ genuine }) => genuine !== true);
    const facts = { sent: simulator.deliveries().length, refused: refused.length };
    expectFacts(facts, { sent: callbacks.length, refused: mutations.length });
  });
};
