import { describe, expect, it } from 'vitest';
import { at, HEARTBEAT_MS, openWatch, settled } from '../../test/support/fake-watch.js';
import type { RemoteListener } from '../ports/remote-store.js';
import { RemoteWatch } from './remote-watch.js';

describe('the watch over the remote store', () => {
  it('looks at once, and then twice per heartbeat', async () => {
    const { clock, asked, watch } = await openWatch();
    expect(asked).toEqual(['position']);
    await clock.advanceAsync(HEARTBEAT_MS / 2 - 1);
    expect(asked).toHaveLength(1);
    await clock.advanceAsync(1);
    expect(asked).toHaveLength(2);
    await clock.advanceAsync(HEARTBEAT_MS);
    expect(asked).toHaveLength(4);
    watch.close();
    await clock.advanceAsync(10 * HEARTBEAT_MS);
    expect(asked).toHaveLength(4);
  });

  it('does not look before the store is there', async () => {
    const { asked, remote, told, watch } = await openWatch({ isAway: true });
    expect([asked, watch.isHearing]).toEqual([[], false]);
    remote.setState('ready');
    await settled();
    expect([asked, watch.isHearing, told]).toEqual([['position'], true, ['remoteRegained']]);
  });

  it('tells when all was compared for the first time', async () => {
    const { remote, watch } = await openWatch({ isAway: true });
    let isCompared = false;
    void watch.firstCompared.then(() => {
      isCompared = true;
    });
    await watch.check();
    await settled();
    expect(isCompared).toBe(false);
    remote.setState('ready');
    await settled();
    expect(isCompared).toBe(true);
  });

  it('vouches for a heartbeat after a look, or after an answer was verified by itself', async () => {
    const { clock, remote, watch } = await openWatch();
    remote.setState('away');
    expect(watch.comparedAt).toBe(0);
    await clock.advanceAsync(HEARTBEAT_MS);
    expect([watch.isHearing, watch.vouchesFor(-5)]).toEqual([true, true]);
    await clock.advanceAsync(1);
    expect([watch.isHearing, watch.vouchesFor(0), watch.vouchesFor(1)]).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('counts from when it asked, not from when it was answered', async () => {
    const { clock, holdUp, watch } = await openWatch();
    let go = () => {};
    clock.advance(100);
    holdUp(() => new Promise((resolve) => (go = resolve)));
    const looked = watch.check();
    await settled();
    clock.advance(200);
    go();
    await looked;
    expect(watch.comparedAt).toBe(100);
  });

  it('makes one look for all who ask meanwhile, and another for those who come after', async () => {
    const { asked, watch } = await openWatch();
    await Promise.all([watch.check(), watch.check()]);
    expect(asked).toHaveLength(2);
    await watch.check();
    expect(asked).toHaveLength(3);
  });

  it('says at once what another process made void', async () => {
    const { other, table, told, heard, watch, asked } = await openWatch();
    table.ticket(['c:shop.a']);
    await watch.check();
    await other.invalidate([{ dependency: 'c:shop.a' }]);
    const ticket = table.ticket(['c:shop.a']);
    await other.invalidate([
      { dependency: 'c:shop.a', after: at(5) },
      { dependency: 'c:shop.far', after: undefined },
    ]);
    expect(ticket.isCurrent()).toBe(false);
    expect(table.ticket(['c:shop.a']).after()).toEqual(at(5));
    // Of what is heard of for the first time nothing is void.
    expect(told).toEqual([['message', 'c:shop.a']]);
    expect(heard).toEqual([
      ['moved', 'c:shop.a'],
      ['moved', 'c:shop.a', 'c:shop.far'],
    ]);
    const questions = asked.length;
    await watch.check();
    // Nothing was missed, so nothing is compared.
    expect(asked.slice(questions)).toEqual(['position']);
  });

  it('passes on that a lease has ended', async () => {
    const { say, heard } = await openWatch();
    say().woken?.('k');
    expect(heard).toEqual([['woken', 'k']]);
  });

  it('needs nobody who listens', async () => {
    const { parts, other } = await openWatch();
    const told: RemoteListener[] = [];
    const store = {
      ...parts.store,
      subscribe: (listener: RemoteListener) => {
        told.push(listener);
        return () => {};
      },
    };
    const watch = new RemoteWatch({ ...parts, store });
    expect(() => told[0]?.woken?.('k')).not.toThrow();
    const position = await other.position();
    expect(() => told[0]?.moved([{ dependency: 'c:shop.a', id: 'x' }], position)).not.toThrow();
    watch.close();
  });

  it('makes known first what is pending', async () => {
    const { other, pending, remote, table, watch } = await openWatch();
    table.ticket(['c:shop.a']);
    remote.setState('away');
    pending.add([{ dependency: 'c:shop.a', after: at(7) }]);
    await watch.check();
    expect(pending.size).toBe(1);
    remote.setState('ready');
    await settled();
    expect(pending.size).toBe(0);
    expect(await other.generations(['c:shop.a'])).toMatchObject([{ after: at(7) }]);
  });

  it('says when the store went away', async () => {
    const { remote, told, asked } = await openWatch();
    remote.setState('away');
    await settled();
    expect([told, asked]).toEqual([['remoteLost'], ['position']]);
  });

  it('adopts an answer for what did not move meanwhile, and gives the state it is about', async () => {
    const { table, told, watch } = await openWatch();
    const first = table.ticket(['c:shop.a', 'c:shop.b']);
    const one = watch.adopt(first, [
      { dependency: 'c:shop.a', id: '1' },
      { dependency: 'c:shop.b', id: '1' },
    ]);
    expect([one.isCurrent(), first.isCurrent(), told]).toEqual([true, false, []]);
    const two = watch.adopt(one, [
      { dependency: 'c:shop.a', id: '1' },
      { dependency: 'c:shop.b', id: '2' },
    ]);
    expect(one.isCurrent()).toBe(false);
    expect([two.isCurrent(), two.dependencies(), told]).toEqual([
      true,
      ['c:shop.a', 'c:shop.b'],
      [['comparison', 'c:shop.b']],
    ]);
  });

  it('hears nothing any more once closed', async () => {
    const { other, table, watch } = await openWatch();
    const ticket = table.ticket(['c:shop.a']);
    watch.close();
    await other.invalidate([{ dependency: 'c:shop.a' }]);
    expect(ticket.isCurrent()).toBe(true);
  });
});
