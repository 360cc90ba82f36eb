import { describe, expect, it } from 'vitest';
import { openWatch, settled } from '../../test/support/fake-watch.js';

describe('the watch over what the remote store says', () => {
  it('compares everything after a message was lost that nothing followed', async () => {
    const { other, remote, table, told, asked, watch } = await openWatch();
    table.ticket(['c:shop.a', 'c:shop.b']);
    await other.invalidate([{ dependency: 'c:shop.a' }, { dependency: 'c:shop.b' }]);
    const tickets = [table.ticket(['c:shop.a']), table.ticket(['c:shop.b'])];
    remote.losesMessages = true;
    await other.invalidate([{ dependency: 'c:shop.a' }]);
    expect(tickets.map((ticket) => ticket.isCurrent())).toEqual([true, true]);
    await watch.check();
    expect(asked.at(-1)).toBe('generations 2');
    expect(tickets.map((ticket) => ticket.isCurrent())).toEqual([false, true]);
    expect(told).toEqual([['comparison', 'c:shop.a']]);
    const questions = asked.length;
    await watch.check();
    expect(asked.slice(questions)).toEqual(['position']);
  });

  it('trusts nothing after a gap in the numbers, until all is compared', async () => {
    const { clock, other, remote, holdUp, told, asked, watch } = await openWatch();
    remote.losesMessages = true;
    await other.invalidate([{ dependency: 'c:shop.a' }]);
    remote.losesMessages = false;
    let go = () => {};
    holdUp(() => new Promise((resolve) => (go = resolve)));
    clock.advance(10);
    await other.invalidate([{ dependency: 'c:shop.a' }]);
    expect([told, watch.isHearing, watch.vouchesFor(10)]).toEqual([
      ['messagesMissed'],
      false,
      true,
    ]);
    expect(watch.comparedAt).toBe(Number.NEGATIVE_INFINITY);
    await settled();
    expect(asked.at(-1)).toBe('position');
    go();
    await settled();
    expect([watch.isHearing, watch.comparedAt]).toEqual([true, 10]);
    // The next number is the next one again.
    await other.invalidate([{ dependency: 'c:shop.a' }]);
    expect(told).toEqual(['messagesMissed']);
  });

  it('takes numbers of another epoch for a gap, also if they would follow', async () => {
    const { other, say, told, watch } = await openWatch();
    const { sequence } = await other.position();
    say().moved([], { epoch: 'another', sequence: sequence + 1 });
    expect([told, watch.isHearing]).toEqual([['messagesMissed'], false]);
    await settled();
    say().moved([], { epoch: 'another', sequence });
    expect(told).toEqual(['messagesMissed', 'messagesMissed']);
    await settled();
    say().moved([], { epoch: 'another', sequence: sequence - 1 });
    expect(told).toHaveLength(3);
  });

  it('is not alarmed by messages that come twice or late', async () => {
    const { other, say, told, watch } = await openWatch();
    await other.invalidate([{ dependency: 'c:shop.a' }]);
    await other.invalidate([{ dependency: 'c:shop.a' }]);
    const position = await other.position();
    say().moved([], position);
    say().moved([], { ...position, sequence: position.sequence - 1 });
    expect([told, watch.isHearing]).toEqual([[], true]);
    await other.invalidate([{ dependency: 'c:shop.a' }]);
    expect(told).toEqual([]);
  });

  it('waits with the numbers until it has looked for the first time', async () => {
    const { other, remote, told, watch } = await openWatch({ isAway: true });
    remote.setState('ready');
    // Heard before the look is answered, and thus no gap.
    await other.invalidate([{ dependency: 'c:shop.a' }]);
    await settled();
    expect([told, watch.isHearing]).toEqual([['remoteRegained'], true]);
  });

  it('keeps the further position where a message overtook the answer', async () => {
    const { other, remote, holdUp, table, told, asked, watch } = await openWatch();
    table.ticket(['c:shop.a']);
    remote.losesMessages = true;
    await other.invalidate([{ dependency: 'c:shop.a' }]);
    remote.losesMessages = false;
    // The look at how far it is finds one missed; while all is compared the next messages come.
    let compares = 0;
    const { epoch, sequence } = await other.position();
    holdUp(async (operation) => {
      if (operation === 'generations') compares += 1;
    });
    const looked = watch.check();
    await looked;
    expect(compares).toBe(1);
    expect((await other.position()).epoch).toBe(epoch);
    expect((await other.position()).sequence).toBe(sequence);
    // From here on: an answer older than a message.
    let go = () => {};
    holdUp(async (operation) => {
      if (operation === 'position') await new Promise<void>((resolve) => (go = resolve));
    });
    const late = watch.check();
    await settled();
    await other.invalidate([{ dependency: 'c:shop.a' }]);
    await other.invalidate([{ dependency: 'c:shop.a' }]);
    go();
    await late;
    holdUp(async () => {});
    expect(told).not.toContain('messagesMissed');
    await other.invalidate([{ dependency: 'c:shop.a' }]);
    expect(told).not.toContain('messagesMissed');
    const questions = asked.length;
    await watch.check();
    expect(asked.slice(questions)).toEqual(['position']);
  });

  it('vouches for nothing as long as it has no position or not all generations', async () => {
    const { clock, other, remote, holdUp, table, asked, watch } = await openWatch();
    table.ticket(['c:shop.a']);
    clock.advance(10);
    holdUp(async () => {
      throw new Error('no');
    });
    await watch.check();
    expect(watch.comparedAt).toBe(0);
    remote.losesMessages = true;
    await other.invalidate([{ dependency: 'c:shop.a' }]);
    holdUp(async (operation) => {
      if (operation === 'generations') throw new Error('no');
    });
    await watch.check();
    expect(watch.comparedAt).toBe(0);
    holdUp(async () => {});
    // It is still to be compared.
    await watch.check();
    expect([asked.at(-1), watch.comparedAt]).toEqual(['generations 1', 10]);
  });

  it('compares five hundred at a time', async () => {
    const { other, remote, table, asked, watch } = await openWatch();
    const names = Array.from({ length: 1_001 }, (_, index) => `c:shop.${index}`);
    table.ticket(names);
    remote.losesMessages = true;
    const last = names.at(-1) as string;
    await watch.check();
    await other.invalidate([{ dependency: 'c:shop.none' }]);
    await watch.check();
    expect(asked.slice(-3)).toEqual(['generations 500', 'generations 500', 'generations 1']);
    const ticket = table.ticket([last]);
    await other.invalidate([{ dependency: last }]);
    await watch.check();
    expect(ticket.isCurrent()).toBe(false);
    table.ticket(names.map((name) => `${name}.more`).slice(0, 499 + 500));
    expect(table.wholeTicket().slots).toHaveLength(2_000);
    await other.invalidate([{ dependency: last }]);
    const questions = asked.length;
    await watch.check();
    expect(asked.slice(questions + 1)).toEqual(Array(4).fill('generations 500'));
  });
});
