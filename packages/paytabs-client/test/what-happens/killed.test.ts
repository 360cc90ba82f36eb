import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type Intent,
  type IntentStore,
  MemoryIntentStore,
  money,
  PayTabsClient,
} from '../../src/index.js';
import { type Simulator, startSimulator } from '../../src/testing/index.js';
import { deferred } from '../deferred.js';
import { paidSale, soon, stateOf } from '../with-simulator.js';

type Step = 'store' | 'stored' | 'sent' | 'answered' | 'settled';

const never = () => new Promise<never>(() => {});

/** A process over a store that outlives it. From the step at which it is killed nothing of it goes on. */
function dyingProcess(shared: IntentStore, step: Step) {
  const { promise: reached, resolve } = deferred();
  let isDead = false;
  const dieAt = (here: Step): boolean => {
    if (here === step) {
      isDead = true;
      resolve();
    }
    return isDead;
  };
  const store: IntentStore = {
    begin: async (intent) => {
      if (dieAt('store')) return never();
      await shared.begin(intent);
      if (dieAt('stored')) await never();
    },
    replace: async (intent) => {
      if (dieAt('answered')) return never();
      const isStored = await shared.replace(intent);
      return dieAt('settled') ? never() : isStored;
    },
    find: (key) => (isDead ? never() : shared.find(key)),
    listDue: (filter) => (isDead ? never() : shared.listDue(filter)),
  };
  return { store, reached, kill: () => dieAt(step) };
}

const cartId = 'refund-1';

async function start() {
  const clock = new ManualClock();
  const simulator = await startSimulator({ clock });
  onTestFinished(() => simulator.stop());
  const shared = new MemoryIntentStore();
  const { profileId, serverKey, baseUrl } = simulator;
  const connect = (intents: IntentStore) => {
    const client = new PayTabsClient({ profileId, serverKey, baseUrl, clock, intents });
    onTestFinished(() => client.close());
    return client;
  };
  const survivor = connect(shared);
  const { tranRef } = await paidSale({ simulator, client: survivor });
  const refund = { tranRef, cartId, amount: money(4950n, 'AED'), description: 'Returned' };
  return { clock, simulator, shared, connect, survivor, refund };
}

const refundsOf = (simulator: Simulator) =>
  simulator.issuerLog().filter(({ action }) => action === 'refund').length;

/** Another process looks at what is due, until there is an end or a good hour is over. */
async function survive({ clock, survivor, shared }: Awaited<ReturnType<typeof start>>) {
  const told: string[] = [];
  const onEnded = ({ intent }: { intent: Intent }) => {
    if (intent.cartId === cartId) told.push(intent.state.name);
  };
  for (let round = 0; round < 40; round += 1) {
    clock.advance(120_000);
    await survivor.reconcile({ onEnded });
  }
  return { told, state: await stateOf(shared, cartId) };
}

describe('a process that is killed', () => {
  it.each([
    ['before its intent is stored', 'store', { refunds: 0, told: [] }],
    ['after that, before a byte has left', 'stored', { refunds: 0, told: ['notFound'] }],
    ['while it waits for the answer', 'sent', { refunds: 1, told: ['done'] }],
    ['with the answer in its hand', 'answered', { refunds: 1, told: ['done'] }],
    ['after that was stored, before its caller heard', 'settled', { refunds: 1, told: ['done'] }],
  ] as const)('%s leaves one truth, which another process tells', async (_, step, expected) => {
    const scene = await start();
    const dying = dyingProcess(scene.shared, step);
    if (step === 'sent') scene.simulator.faults.add({ kind: 'hang' });
    const ending = scene.connect(dying.store).refund(scene.refund);
    ending.catch(() => undefined);
    if (step === 'sent') {
      await soon(() => refundsOf(scene.simulator) === 1);
      dying.kill();
    }
    await dying.reached;
    const { told, state } = await survive(scene);
    expect(told).toEqual(expected.told);
    expect(state?.name).toBe(expected.told[0]);
    expect(refundsOf(scene.simulator)).toBe(expected.refunds);
  });

  it('between an end and its books is followed by one that tells it again', async () => {
    const scene = await start();
    await scene.survivor.refund(scene.refund);
    scene.clock.advance(60_000);
    const books: string[] = [];
    const heard = deferred();
    const dying = dyingProcess(scene.shared, 'answered');
    const first = scene.connect(dying.store).reconcile({
      onEnded: ({ intent }) => {
        if (intent.cartId === cartId) heard.resolve();
        return never();
      },
    });
    first.catch(() => undefined);
    await heard.promise;
    await scene.survivor.reconcile({ onEnded: ({ intent }) => void books.push(intent.cartId) });
    expect(books).toContain(cartId);
  });
});
