import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Intent, IntentStore } from '../../src/index.js';
import { MemoryIntentStore, parseMajor } from '../../src/index.js';
import { doneReply, talk } from '../with-dispatcher.js';

const refund = {
  tranRef: 'PTE2625600001234',
  amount: parseMajor('149.50', 'AED'),
  description: 'Two tickets',
};
const answered = (tran_ref: string) =>
  doneReply({
    tran_ref,
    tran_type: 'Refund',
    previous_tran_ref: refund.tranRef,
    cart_id: 'refund-1',
  });

const warnings = () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  return () => warn.mock.calls.map(([message]) => String(message));
};

afterEach(() => {
  vi.restoreAllMocks();
});

/** A store of the shop's own, behind which is whatever keeps things. */
const ownStore = (): IntentStore => {
  const kept = new MemoryIntentStore();
  return {
    begin: (intent: Intent) => kept.begin(intent),
    replace: (intent: Intent) => kept.replace(intent),
    find: (key) => kept.find(key),
    listDue: (filter) => kept.listDue(filter),
  };
};

describe('a client that remembers in its process alone', () => {
  it('is warned of once when the money is real', async () => {
    const said = warnings();
    const { client } = talk(answered('PTE2625600001299'));
    await client.refund({ ...refund, cartId: 'refund-1' });
    await client.query({ tranRef: 'PTE2625600001299' });
    expect(said()).toEqual([expect.stringContaining('a restart forgets them')]);
  });

  it('is fine where no money is, and so is a store of the shop', async () => {
    const said = warnings();
    const test = talk(answered('TST2625600001299'));
    await test.client.refund({ ...refund, cartId: 'refund-1' });
    const live = talk(answered('PTE2625600001299'), { intents: ownStore() });
    await live.client.refund({ ...refund, cartId: 'refund-1' });
    expect(said()).toEqual([]);
  });
});
