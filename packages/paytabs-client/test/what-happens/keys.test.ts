import { describe, expect, it, onTestFinished } from 'vitest';
import {
  createNotificationVerifier,
  MemoryIntentStore,
  PayTabsClient,
  readNotification,
} from '../../src/index.js';
import { type SimulatorProfile, startSimulator } from '../../src/testing/index.js';
import { startShop } from '../shop.js';
import {
  openPage,
  pageRequest,
  paidSale,
  rejection,
  startPair,
  stateOf,
  unknownEnd,
} from '../with-simulator.js';

const oldKey = 'SOLD000000-OLD0000000-OLD0000000';
const profileId = 98765;
const clientOf = (options: ConstructorParameters<typeof PayTabsClient>[0]): PayTabsClient => {
  const client = new PayTabsClient(options);
  onTestFinished(() => client.close());
  return client;
};

describe('a server key that was rotated', () => {
  it('leaves open what was begun, until a process with the new one asks', async () => {
    const { simulator, client, intents } = await startPair();
    const { tranRef } = await paidSale({ simulator, client });
    simulator.faults.add({ kind: 'reset' });
    const { cartId } = await unknownEnd(client.refund({ ...pageRequest(), tranRef }));
    const { baseUrl } = simulator;
    const old = clientOf({ profileId, serverKey: oldKey, baseUrl, intents });
    expect(await rejection(old.check({ cartId }))).toMatchObject({ code: 'AUTHENTICATION_FAILED' });
    expect(await stateOf(intents, cartId)).toMatchObject({ name: 'unknown' });
    await client.check({ cartId });
    expect(await stateOf(intents, cartId)).toMatchObject({ name: 'done', seen: { status: 'A' } });
  });

  it('refuses what its old process begins, for certain and with nothing done', async () => {
    const intents = new MemoryIntentStore();
    const { simulator } = await startPair();
    const { baseUrl } = simulator;
    const old = clientOf({ profileId, serverKey: oldKey, baseUrl, intents });
    const request = pageRequest();
    const error = await rejection(old.createHostedPage(request));
    expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED' });
    expect(await stateOf(intents, request.cartId)).toMatchObject({ name: 'refused' });
    expect(simulator.ledger()).toEqual([]);
  });

  it('may still sign notices while both keys are given to the verifier', async () => {
    const shop = await startShop();
    const { simulator, client } = await startPair();
    await paidSale({ simulator, client }, { callbackUrl: shop.callbackUrl });
    await simulator.idle();
    const [notice] = shop.callbacks;
    if (notice === undefined) throw new Error('No notice came');
    const newer = 'SNEW000000-NEW0000000-NEW0000000';
    const both = createNotificationVerifier({ keys: [newer, simulator.serverKey] });
    expect(await both.verify(notice)).toMatchObject({ verdict: 'accepted', keyIndex: 1 });
    const one = createNotificationVerifier({ keys: [newer] });
    expect(await one.verify(notice)).toMatchObject({ verdict: 'refused', reason: 'signature' });
  });
});

describe('two profiles that are mixed up', () => {
  const shopProfile: SimulatorProfile = {
    profileId,
    serverKey: 'SSHOP00000-SHOP000000-SHOP000000',
    clientKey: 'CSHOP0-SHOP00-SHOP00-SHOP00',
    merchantId: 1,
  };
  const branchProfile: SimulatorProfile = {
    profileId: 12345,
    serverKey: 'SBRANCH000-BRANCH0000-BRANCH0000',
    clientKey: 'CBRANC-BRANCH-BRANCH-BRANCH',
    merchantId: 2,
  };
  const start = async () => {
    const simulator = await startSimulator({
      profiles: [shopProfile, branchProfile],
      allowLocalCallback: true,
    });
    onTestFinished(() => simulator.stop());
    return { simulator, baseUrl: simulator.baseUrl };
  };

  it('pay nothing with the key of one and the number of the other', async () => {
    const { simulator, baseUrl } = await start();
    const mixed = clientOf({ profileId, serverKey: branchProfile.serverKey, baseUrl });
    expect(await rejection(mixed.createHostedPage(pageRequest()))).toMatchObject({
      code: 'AUTHENTICATION_FAILED',
    });
    expect(simulator.ledger()).toEqual([]);
  });

  it('take no notice of the other for their own, however well it is signed', async () => {
    const { simulator, baseUrl } = await start();
    const shop = await startShop();
    const branch = clientOf({ ...clientPart(branchProfile), baseUrl });
    const own = clientOf({ ...clientPart(shopProfile), baseUrl });
    const request = pageRequest({ callbackUrl: shop.callbackUrl });
    const page = await openPage(branch, request);
    await simulator.pay(page.redirectUrl);
    await simulator.idle();
    const notice = readNotification(JSON.parse(String(shop.callbacks[0]?.body)));
    const asked = simulator.requests().length;
    const { cartId, amount } = request;
    expect(await own.confirm(notice, { profileId, cartId, amount })).toMatchObject({
      confirmed: false,
      reason: 'notBound',
      mismatches: [{ field: 'profileId' }],
    });
    expect(simulator.requests()).toHaveLength(asked);
  });
});

const clientPart = ({ profileId: id, serverKey }: SimulatorProfile) => ({
  profileId: id,
  serverKey,
});
