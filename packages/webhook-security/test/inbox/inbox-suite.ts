import { describe, expect, it } from 'vitest';
import {
  createInbox,
  createMemoryInboxStore,
  type Inbox,
  type InboxStore,
} from '../../src/inbox/index.js';
import { createMemoryReplayStore, type WebhookVerifier } from '../../src/index.js';
import { verifierWith } from '../requests.js';
import { methodsOf } from './methods-of.js';

/** Delivers the notice of a transaction; the status and the body of the answer. */
export type Deliver = (tranRef: string) => Promise<readonly [status: number, body: unknown]>;

/** Makes an application whose handler hands all it gets to an inbox. */
export type StartInbox = (verifier: WebhookVerifier, inbox: Inbox) => Promise<Deliver> | Deliver;

/** An inbox behind every adapter: what it has stored is answered, what it could not store is sent again. */
export function describeInbox(name: string, start: StartInbox): void {
  describe(`an inbox as the handler of ${name}`, () => {
    it('answers what it stored, and what it knows', async () => {
      const inbox = createInbox({ store: createMemoryInboxStore(), process: () => {} });
      const deliver = await start(verifierWith(), inbox);
      expect(await deliver('TST1')).toEqual([200, { received: true, known: false }]);
      expect(await deliver('TST1')).toEqual([200, { received: true, known: true }]);
    });

    it('has the sender try again what it could not store', async () => {
      const store = createMemoryInboxStore({ maxEntries: 1 });
      let isDown = true;
      const add: InboxStore['add'] = async (...args) => {
        if (isDown) throw new Error('down');
        return store.add(...args);
      };
      const flaky = { ...methodsOf(store), add };
      const inbox = createInbox({ store: flaky, process: () => {} });
      const replay = { store: createMemoryReplayStore() };
      const deliver = await start(verifierWith({ replay }), inbox);
      expect((await deliver('TST1'))[0]).toBe(500);
      expect(store.size).toBe(0);
      isDown = false;
      // The claim was released, so it is no replay.
      expect(await deliver('TST1')).toEqual([200, { received: true, known: false }]);
      expect(await deliver('TST1')).toEqual([200, { reason: 'replay' }]);
    });
  });
}
