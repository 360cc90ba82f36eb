import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '../../src/testing/index.js';
import { askProgram } from './ask-program.js';
import { expectFacts, type Steps, type Told, textOf } from './steps.js';

interface Scene {
  readonly simulator: Simulator;
  readonly step: Steps['step'];
  /** One function of the package; its own callback is added. */
  readonly call: (name: string, ...args: readonly unknown[]) => Promise<Told>;
  readonly merchantUrl: string;
}

/** The npm package, as it is, against the simulator. One call a process: it keeps its values in globals. */
export async function runPaytabsPt2(steps: Steps, checkout: string, folder: string): Promise<void> {
  const simulator = await startSimulator({ allowLocalCallback: true });
  const merchant = createServer((request, response) => {
    request.resume();
    response.end();
  });
  await new Promise<void>((resolve) => merchant.listen(0, '127.0.0.1', resolve));
  const merchantUrl = `http://127.0.0.1:${(merchant.address() as AddressInfo).port}`;
  const callWith = (serverKey: string): Scene['call'] => {
    const env = {
      OUTSIDE_PAYTABS_PT2: checkout,
      OUTSIDE_BASE_URL: simulator.baseUrl,
      OUTSIDE_PROFILE_ID: String(simulator.profileId),
      OUTSIDE_SERVER_KEY: serverKey,
    };
    const program = ['--require', join(folder, 'pt2/preload.cjs'), join(folder, 'pt2/client.cjs')];
    return (name, ...args) => askProgram(process.execPath, program, { env, input: { name, args } });
  };
  try {
    const scene = { simulator, step: steps.step, call: callWith(simulator.serverKey), merchantUrl };
    await steps.story('paytabs_pt2: another key', () =>
      refusesAnotherKey(steps, callWith('SZZZZZZZZZ-ZZZZZZZZZZ-ZZZZZZZZZZ')),
    );
    await steps.story('paytabs_pt2: page, query and refund', () => saleAndRefund(scene));
    await steps.story('paytabs_pt2: capture and void', () => captureAndVoid(scene));
  } finally {
    merchant.closeAllConnections();
    merchant.close();
    await simulator.stop();
  }
}

const refusesAnotherKey = ({ step }: Steps, call: Scene['call']): Promise<void> =>
  step('it is told with the gateway’s message', async () => {
    const told = await call('validatePayment', 'TST2600100000001');
    if (!/authentication/i.test(textOf(told, 'result'))) throw new Error(JSON.stringify(told));
  });

const cart = (cartId: string, amount: string) => [cartId, 'AED', amount, 'Tea & <cake>, شاي'];

const person = [
  'Sara Haddad',
  'sara@example.com',
  '+971500000000',
  '12 Palm St',
  'Dubai',
  'DU',
  'AE',
  '00000',
  '203.0.113.10',
];

const openPage = async (
  { call, merchantUrl, simulator }: Scene,
  type: string,
  cartId: string,
): Promise<Told> => {
  const urls = [`${merchantUrl}/callback`, `${merchantUrl}/return`];
  const sale = [type, 'ecom'];
  const args = [['all'], sale, cart(cartId, '149.50'), person, person, urls, 'en'];
  // Its callback stands before its last argument, which has a default.
  const told = await call('createPaymentPage', ...args);
  expectFacts(told, { cart_id: cartId, cart_amount: '149.50', profileId: simulator.profileId });
  return told;
};

const pay = async ({ simulator }: Scene, page: Told): Promise<void> => {
  const { returned } = await simulator.pay(textOf(page, 'redirect_url'));
  await simulator.idle();
  const callback = simulator.deliveries().at(-1);
  expectFacts({ returned: returned?.status }, { returned: 200 });
  expectFacts({ ...callback }, { tranRef: page.tran_ref, status: 200 });
};

const followUp = async (
  { call }: Scene,
  { type, tranRef, amount }: { type: string; tranRef: string; amount: string },
  facts: Told,
): Promise<string> => {
  const of = cart(`pt2-${type}-${tranRef}-${amount}`, amount);
  const told = await call('queryTransaction', [tranRef, type, 'ecom'], of);
  expectFacts(told, { previous_tran_ref: tranRef, cart_amount: amount });
  expectFacts(told.payment_result as Told, facts);
  return textOf(told, 'tran_ref');
};

const approved = { response_status: 'A' };

async function saleAndRefund(scene: Scene): Promise<void> {
  const { step, call } = scene;
  const page = await step('a page is asked for', () => openPage(scene, 'sale', 'pt2-sale'));
  const tranRef = textOf(page, 'tran_ref');
  await step('its shopper pays and is brought back', () => pay(scene, page));
  await step('a query says paid', async () => {
    const told = await call('validatePayment', tranRef);
    expectFacts(told, { tran_ref: tranRef, tran_type: 'Sale', tran_total: '149.50' });
    expectFacts(told.payment_result as Told, approved);
  });
  await step('a part is refunded', () =>
    followUp(scene, { type: 'refund', tranRef, amount: '49.50' }, approved),
  );
  await step('more than is left is refused, code 118', () =>
    followUp(
      scene,
      { type: 'refund', tranRef, amount: '100.01' },
      { response_status: 'E', response_code: '118' },
    ),
  );
}

async function captureAndVoid(scene: Scene): Promise<void> {
  const { step, call } = scene;
  const hold = (cartId: string) =>
    step('an amount is held', async () => {
      const page = await openPage(scene, 'auth', cartId);
      await pay(scene, page);
      return textOf(page, 'tran_ref');
    });
  const held = await hold('pt2-auth-1');
  await step('a part is captured', () =>
    followUp(scene, { type: 'capture', tranRef: held, amount: '100.25' }, approved),
  );
  const other = await hold('pt2-auth-2');
  await step('it is voided', () =>
    followUp(scene, { type: 'void', tranRef: other, amount: '149.50' }, approved),
  );
  await step('a query says so', async () => {
    const told = await call('validatePayment', other);
    expectFacts(told.payment_result as Told, { response_status: 'V' });
  });
}
