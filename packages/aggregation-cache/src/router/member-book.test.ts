import { CircuitBreakerRegistry } from '@nestcms/circuit-breaker';
import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import type { LagProbe } from './lag-probe.js';
import { MemberBook } from './member-book.js';
import type { KnownMember } from './topology-view.js';

const open = (maxPoolSize = 1) => {
  const clock = new ManualClock();
  const breakers = new CircuitBreakerRegistry({ clock });
  const memberBreaker = { minimumCalls: 2, openForMs: 1_000 };
  const book = new MemberBook({ breakers, memberBreaker, keyPrefix: 'shop', clock, maxPoolSize });
  const lag = { lagMs: (address: string) => (address === 'a' ? 70 : undefined) };
  return { breakers, book, clock, lag: lag as LagProbe };
};

const never = () => new Promise<void>(() => {});

describe('the book of members', () => {
  it('has one page for each, with a breaker that others can find, by the clock of the cache', () => {
    const { book, breakers, clock } = open();
    const page = book.of({ id: 'a' });
    expect(book.of({ id: 'a' })).toBe(page);
    expect(book.of({ id: 'b' })).not.toBe(page);
    expect(breakers.get('shop:member:a')).toBe(page.breaker);
    page.breaker.trip();
    clock.advance(999);
    expect(page.breaker.tryAcquire()).toBeUndefined();
    clock.advance(1);
    expect(page.breaker.tryAcquire()).toBeDefined();
  });

  it('tells whose breaker is open, without making one', () => {
    const { book, breakers } = open();
    expect(book.isOpen({ id: 'a' })).toBe(false);
    expect(breakers.get('shop:member:a')).toBeUndefined();
    book.of({ id: 'a' }).breaker.trip();
    expect([book.isOpen({ id: 'a' }), book.isOpen({ id: 'b' })]).toEqual([true, false]);
  });

  it('gives a class with changes to the breaker one of its own, and tells the common one too', () => {
    const { book, breakers, clock } = open();
    const a = { id: 'a' };
    const hasty = { name: 'hasty', breaker: { minimumCalls: 1 } };
    const usual = { name: 'usual', breaker: undefined };
    const permit = book.acquire(a, hasty);
    expect(permit?.isSettled).toBe(false);
    permit?.failure(new Error('no'));
    expect(permit?.isSettled).toBe(true);
    expect([book.isOpen(a, hasty), book.isOpen(a, usual), book.isOpen(a)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(breakers.get('shop:member:a:hasty')?.state).toBe('open');
    expect(book.acquire(a, hasty)).toBeUndefined();
    // The second failure of two: the common breaker heard of the first.
    book.acquire(a, usual)?.failure(new Error('no'));
    expect([book.isOpen(a, usual), book.isOpen(a)]).toEqual([true, true]);
    // What is not changed is as for the others.
    clock.advance(1_000);
    for (const each of [hasty, usual]) book.acquire(a, each)?.success();
    expect([book.isOpen(a, hasty), book.isOpen(a)]).toEqual([false, false]);
  });

  it('lets a class through that bears more than the common breaker, and opens both at once', () => {
    const { book } = open();
    const a = { id: 'a' };
    const patient = { name: 'patient', breaker: { minimumCalls: 50 } };
    for (let n = 0; n < 2; n += 1) book.acquire(a, patient)?.failure(new Error('no'));
    expect([book.isOpen(a, patient), book.isOpen(a)]).toEqual([false, true]);
    const permit = book.acquire(a, patient);
    permit?.success();
    expect(permit?.isSettled).toBe(true);
    const other = book.acquire(a, patient);
    other?.ignore();
    expect(other?.isSettled).toBe(true);
    book.trip(a, patient);
    expect(book.isOpen(a, patient)).toBe(true);
  });

  it('tells to whom all connections are taken; a pool without a limit has always one', () => {
    const { book } = open(1);
    expect(book.isBusy({ id: 'a' })).toBe(false);
    void book.of({ id: 'a' }).bulkhead.run(never);
    expect([book.isBusy({ id: 'a' }), book.isBusy({ id: 'b' })]).toEqual([true, false]);
    const endless = open(0).book;
    for (let n = 0; n < 200; n += 1) void endless.of({ id: 'a' }).bulkhead.run(never);
    expect(endless.isBusy({ id: 'a' })).toBe(false);
  });

  it('says of each member how it is', () => {
    const { book, lag } = open();
    const members: readonly KnownMember[] = [
      { address: 'p', tags: {}, role: 'primary' },
      { address: 'a', tags: { zone: 'x', r: '1' }, role: 'secondary' },
      { address: 'b', tags: { zone: 'x', r: '2' }, role: 'secondary' },
    ];
    const page = book.of({ id: 'a' });
    page.asked = 5;
    page.hedged = 2;
    page.breaker.trip();
    const states = book.states(members, lag);
    const untouched = { breaker: 'closed', asked: 0, hedged: 0 };
    expect(states).toEqual([
      { address: 'p', tags: {}, role: 'primary', lagMs: 0, ...untouched },
      {
        address: 'a',
        tags: { zone: 'x', r: '1' },
        role: 'secondary',
        lagMs: 70,
        breaker: 'open',
        asked: 5,
        hedged: 2,
      },
      {
        address: 'b',
        tags: { zone: 'x', r: '2' },
        role: 'secondary',
        lagMs: undefined,
        ...untouched,
      },
    ]);
    expect(states[1]?.tags).not.toBe(members[1]?.tags);
  });

  it('has one page for all that the driver cannot tell apart', () => {
    const { book, lag } = open();
    const routers = ['s2', 's1'].map((address) => ({ address, tags: {}, role: 'router' as const }));
    book.of({ id: 's1+s2' }).asked = 3;
    expect(book.states(routers, lag)).toMatchObject([
      { address: 's2', role: 'router', asked: 3 },
      { address: 's1', role: 'router', asked: 3 },
    ]);
  });
});
