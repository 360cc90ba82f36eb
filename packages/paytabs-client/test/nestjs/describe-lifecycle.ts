import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { Controller, Get, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { describe, expect, it, vi } from 'vitest';
import {
  PayTabsEndHandler,
  PayTabsModule,
  type PayTabsReconcileOptions,
  type TakesEnds,
} from '../../src/adapters/nestjs/index.js';
import {
  type EndedIntent,
  MemoryIntentStore,
  PayTabsClient,
  PayTabsError,
  type RoundFailure,
} from '../../src/index.js';
import { deferred, settle } from '../deferred.js';
import { notSent, sampleIntent } from '../sample-intent.js';
import { intentOf, rejection } from '../with-simulator.js';
import type { NestUnderTest } from './describe-nest.js';
import { clientOptions, compile, startApp } from './start-app.js';

/** What an application keeps of ends; gone when it shuts down. */
class Ledger implements OnApplicationShutdown {
  readonly ends: string[] = [];
  readonly failures: RoundFailure[] = [];
  release: Promise<void> | undefined;
  isGone = false;

  onApplicationShutdown(): void {
    this.isGone = true;
  }
}

@PayTabsEndHandler()
class Books implements TakesEnds {
  readonly #ledger: Ledger;

  constructor(@Inject(Ledger) ledger: Ledger) {
    this.#ledger = ledger;
  }

  async onEnded({ intent }: { readonly intent: EndedIntent }): Promise<void> {
    await this.#ledger.release;
    if (this.#ledger.isGone) throw new Error('the ledger is gone');
    this.#ledger.ends.push(intent.cartId);
  }
}

@PayTabsEndHandler()
class CarefulBooks implements TakesEnds {
  @Inject(Ledger) readonly ledger!: Ledger;

  onEnded(): never {
    throw new Error('no books today');
  }

  onFailed(failure: RoundFailure): void {
    this.ledger.failures.push(failure);
  }
}

@PayTabsEndHandler()
class BooksOfNobody implements TakesEnds {
  onEnded(): void {}
}

@Module({ providers: [Ledger, Books, CarefulBooks], exports: [Ledger] })
class BooksModule {}

const setup = async (names = ['default']) => {
  const clock = new ManualClock({ wallTime: Date.parse('2026-09-13T09:00:00Z') });
  const intents = new MemoryIntentStore();
  const clients = Object.fromEntries(
    names.map((name, place) => [name, clientOptions({ clock, intents, profileId: 98765 + place })]),
  );
  const end = async (cartId: string, profileId = 98765) => {
    const begun = { ...sampleIntent, cartId, profileId };
    await intents.begin(begun);
    await intents.replace(notSent(begun));
  };
  const metadata = (reconcile: PayTabsReconcileOptions) => ({
    imports: [PayTabsModule.forRoot({ clients, reconcile }), BooksModule],
  });
  return { clock, intents, clients, end, metadata };
};

const started = { now: deferred(), release: deferred() };

@Controller('slow')
class SlowController {
  readonly #client: PayTabsClient;

  constructor(@Inject(PayTabsClient) client: PayTabsClient) {
    this.#client = client;
  }

  @Get()
  async slow(): Promise<string> {
    started.now.resolve();
    await started.release.promise;
    return `${(await this.#client.queryByCart({ cartId: 'order-1' })).length} tries`;
  }
}

export function describeLifecycle(nest: NestUnderTest): void {
  describe('the life of an application', () => {
    it('serves the requests that run, and then closes the clients', async () => {
      Object.assign(started, { now: deferred(), release: deferred() });
      const clients = { default: clientOptions() };
      const { app, close, ask } = await startApp(nest, {
        imports: [PayTabsModule.forRoot({ clients })],
        controllers: [SlowController],
      });
      const client = app.get(PayTabsClient);
      const answer = ask('/slow', { headers: { connection: 'close' } });
      await started.now.promise;
      const closed = close();
      await settle();
      started.release.resolve();
      expect(await answer).toMatchObject({ status: 200, body: '0 tries' });
      await closed;
      const error = await rejection(client.queryByCart({ cartId: 'order-1' }));
      expect(error).toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
    });

    it('may be shut down twice', async () => {
      const { metadata } = await setup();
      const { app, close } = await startApp(nest, metadata({ everyMs: 1000, onEnded: Books }));
      await close();
      await expect(app.close()).resolves.toBeUndefined();
    });

    it('reconciles nothing unless it is told to', async () => {
      const { clients, clock, end, intents } = await setup();
      await end('order-1');
      const listDue = vi.spyOn(intents, 'listDue');
      await compile({ imports: [PayTabsModule.forRoot({ clients })] });
      clock.advance(60_000);
      await settle();
      expect(listDue).not.toHaveBeenCalled();
    });

    it('tells ends to a handler of any module, round for round', async () => {
      const { clock, end, metadata } = await setup();
      await end('order-1');
      const module = await compile(metadata({ everyMs: 5000, onEnded: Books }));
      const { ends } = module.get(Ledger, { strict: false });
      await settle();
      expect(ends).toEqual(['order-1']);
      await end('order-2');
      clock.advance(5000);
      await settle();
      expect(ends).toEqual(['order-1', 'order-2']);
    });

    it('tells them to a plain function too, of every client', async () => {
      const { end, metadata } = await setup(['one', 'two']);
      await end('order-1', 98765);
      await end('order-1', 98766);
      const told = new Set<number>();
      await compile(
        metadata({ everyMs: 5000, onEnded: ({ intent }) => void told.add(intent.profileId) }),
      );
      await settle();
      expect(told).toEqual(new Set([98765, 98766]));
    });

    it('ends the running round, while its handler has all it needs, before it is shut down', async () => {
      const { clock, end, intents, metadata } = await setup();
      await end('order-1');
      const { app, close } = await startApp(nest, metadata({ everyMs: 1000, onEnded: Books }));
      const ledger = app.get(Ledger);
      const release = deferred();
      ledger.release = release.promise;
      await end('order-2');
      await settle();
      clock.advance(1000);
      await settle();
      const closed = close();
      await settle();
      expect([ledger.ends, ledger.isGone]).toEqual([['order-1'], false]);
      release.resolve();
      await closed;
      expect([ledger.ends, ledger.isGone]).toEqual([['order-1', 'order-2'], true]);
      expect(await intentOf(intents, 'order-2')).toMatchObject({ acknowledged: true });
      expect(clock.pendingTimers).toBe(0);
    });

    it('tells a handler what failed, if it wants to know', async () => {
      const { end, metadata } = await setup();
      await end('order-1');
      const module = await compile(metadata({ everyMs: 5000, onEnded: CarefulBooks }));
      await settle();
      expect(module.get(Ledger, { strict: false }).failures).toMatchObject([
        { cartId: 'order-1', error: { message: 'no books today' } },
      ]);
    });

    it('warns of what failed, by code and without the texts of the gateway', async () => {
      const { end, intents, metadata } = await setup();
      await end('order-1');
      const warnings: string[] = [];
      const logger = { log() {}, error() {}, warn: (text: string) => warnings.push(text) };
      const onEnded = () => Promise.reject(new PayTabsError('RATE_LIMITED', 'as the gateway says'));
      const first = await startApp(nest, metadata({ everyMs: 5000, onEnded }), logger as never);
      await settle();
      await first.close();
      vi.spyOn(intents, 'listDue').mockRejectedValue(new Error('no store'));
      await startApp(nest, metadata({ everyMs: 5000, onEnded }), logger as never);
      await settle();
      expect(warnings).toEqual([
        'Reconciling of "order-1" with client "default" failed, and is tried again: RATE_LIMITED',
        'Reconciling with client "default" failed, and is tried again: INTENT_STORE_FAILED',
      ]);
    });

    it('tells an onFailed of the options instead', async () => {
      const { end, metadata } = await setup();
      await end('order-1');
      const failures: RoundFailure[] = [];
      const onEnded = () => Promise.reject(new Error('no books'));
      const onFailed = (failure: RoundFailure) => void failures.push(failure);
      await compile(metadata({ everyMs: 5000, onEnded, onFailed }));
      await settle();
      expect(failures).toMatchObject([{ cartId: 'order-1' }]);
    });

    it.each<[string, object, RegExp]>([
      ['a handler that nobody provides', { onEnded: BooksOfNobody }, /OfNobody/],
      ['an impossible pause', { everyMs: 0 }, /everyMs/],
      ['no handler', { onEnded: undefined }, /onEnded/],
    ])('does not start with %s', async (_what, wrong, message) => {
      const { metadata } = await setup();
      const options = { everyMs: 1000, onEnded: Books, ...wrong } as PayTabsReconcileOptions;
      expect(String(await rejection(compile(metadata(options))))).toMatch(message);
    });
  });
}
