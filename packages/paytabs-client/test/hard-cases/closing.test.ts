import { expect, it } from 'vitest';
import { type Intent, MemoryIntentStore, money } from '../../src/index.js';
import { deferred, settle } from '../deferred.js';
import { doneReply, talk } from '../with-dispatcher.js';
import { stateOf } from '../with-simulator.js';

class SlowStore extends MemoryIntentStore {
  readonly opened = deferred();

  override async replace(intent: Intent): Promise<boolean> {
    await this.opened.promise;
    return super.replace(intent);
  }
}

it('close() waits until a running write has stored its end, for the store is closed next', async () => {
  const intents = new SlowStore();
  const { client } = talk(doneReply(), { intents });
  const charged = client.chargeToken({
    cartId: 'order-1001',
    amount: money(14950n, 'AED'),
    description: 'Two tickets',
    card: { token: '2C4650BC67A3E53CC6B791FF618275B9', tranRef: 'TST2625600001234' },
  });
  await settle();
  let isClosed = false;
  const closed = client.close().then(() => {
    isClosed = true;
  });
  await settle();
  expect(isClosed).toBe(false);
  intents.opened.resolve();
  await closed;
  expect((await stateOf(intents, 'order-1001'))?.name).toBe('done');
  expect(await charged).toMatchObject({ kind: 'completed' });
});
