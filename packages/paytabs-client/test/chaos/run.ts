import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type Simulator, startSimulator, testCards } from '../../src/testing/index.js';
import { legalMoves } from '../model/legal-moves.js';
import { judge, type Verdict } from './judge.js';
import { Leaks } from './leaks.js';
import { Merchant } from './merchant.js';
import type { FromShop, Planted, ShopSettings, Task, ToShop } from './messages.js';
import { lieAbout, saveCard, useElsewhere } from './outsider.js';
import { bankRule, faultRule } from './plan.js';
import { scaledClock } from './scaled-clock.js';
import { shareOf } from './share-of.js';

export interface ChaosOptions {
  readonly payments: number;
  readonly seed: number;
  readonly concurrency: number;
  /** How many times as fast time runs, for client and simulator alike. */
  readonly factor: number;
  readonly processes: number;
  readonly duplicateGuard: 'off' | 'payments';
  readonly planted?: Planted | undefined;
  readonly redisUrl: string;
  /** A bundle of `shop.ts`. */
  readonly shopPath: string;
  readonly onProgress?: (line: string) => void;
}

/** What a run came to. */
export interface ChaosResult extends Verdict {
  readonly kills: number;
  readonly freezes: number;
  readonly corrected: number;
  readonly moves: ReadonlySet<string>;
  readonly crashes: readonly string[];
  /** Moves that the model does not know. */
  readonly illegal: readonly string[];
  /** Where a key, a card number or a token was seen. */
  readonly leaks: readonly string[];
  readonly tookMs: number;
  /** Orders that were still running when the time was over. */
  readonly unfinished: number;
}

interface Shop {
  readonly process: ChildProcess;
  readonly tasks: Map<string, Task>;
  isReady: boolean;
  isFrozen: boolean;
}

/** One run: a gateway in trouble, processes that die, and a merchant who keeps books. */
export class Chaos {
  readonly #options: ChaosOptions;
  readonly #shops: Shop[] = [];
  readonly #waiting: Task[] = [];
  readonly #crashes: string[] = [];
  #leaks!: Leaks;
  readonly #moves = new Set<string>();
  #corrected = 0;
  #kills = 0;
  #freezes = 0;
  #merchant!: Merchant;
  #simulator!: Simulator;
  #settings!: ShopSettings;
  /** Tasks of dead processes: were they begun? */
  readonly #lost = new Map<string, Task>();
  /** Of them those that somebody was asked about. He may die before he answers. */
  #asked = new Set<string>();

  constructor(options: ChaosOptions) {
    this.#options = options;
  }

  async run(): Promise<ChaosResult> {
    const { seed, payments, factor, duplicateGuard, planted, redisUrl } = this.#options;
    const startedAt = Date.now();
    const clock = scaledClock({ startedAt, factor });
    this.#simulator = await startSimulator({
      clock,
      seed,
      duplicateGuard,
      allowLocalCallback: true,
      queryDelayMs: 2_000,
      callbackDelayMs: [0, 10_000],
      callbackDuplicates: 0.1,
      callbackTimeoutMs: 5_000,
      holdMs: 86_400_000,
      logLimit: 1_000,
    });
    const { profileId, serverKey, baseUrl } = this.#simulator;
    const card = await saveCard(this.#simulator);
    const secrets = [serverKey, card.token, testCards.visa.number];
    this.#leaks = new Leaks(secrets);
    this.#settings = {
      profileId,
      serverKey,
      baseUrl,
      redisUrl,
      startedAt,
      factor,
      planted,
      secrets,
    };
    this.#simulator.faults.setRule(faultRule(seed));
    this.#simulator.bank.setRule(bankRule(seed));
    this.#merchant = new Merchant({ seed, payments, card });
    try {
      await Promise.all(Array.from({ length: this.#options.processes }, () => this.#open()));
      await this.#work(startedAt);
      await this.#leaks.lookInStore(redisUrl);
      return {
        ...judge(this.#merchant, this.#simulator.issuerLog(), { seed, payments }),
        kills: this.#kills,
        freezes: this.#freezes,
        corrected: this.#corrected,
        moves: this.#moves,
        crashes: this.#crashes,
        illegal: [...this.#moves].filter((move) => !legalMoves.has(move)),
        leaks: this.#leaks.list,
        tookMs: Date.now() - startedAt,
        unfinished: payments - this.#merchant.finished.size,
      };
    } finally {
      for (const { process } of this.#shops) process.kill('SIGKILL');
      await this.#simulator.stop();
    }
  }

  async #open(): Promise<void> {
    const process_ = fork(this.#options.shopPath, [JSON.stringify(this.#settings)], {
      execArgv: [],
      env: { PATH: process.env.PATH },
      silent: true,
    });
    for (const output of [process_.stdout, process_.stderr]) {
      output?.on('data', (chunk: Buffer) => this.#leaks.look('log', chunk.toString('utf8')));
    }
    const shop: Shop = { process: process_, tasks: new Map(), isReady: false, isFrozen: false };
    this.#shops.push(shop);
    process_.on('message', (message: FromShop) => this.#hear(shop, message));
    process_.once('exit', () => this.#bury(shop));
    while (!shop.isReady) await once(process_, 'message');
  }

  /** What it was doing may or may not have been begun: others find out. */
  #bury(shop: Shop): void {
    const index = this.#shops.indexOf(shop);
    if (index === -1) return;
    this.#shops.splice(index, 1);
    for (const [cartId, task] of shop.tasks) this.#lost.set(cartId, task);
    this.#asked = new Set();
  }

  #tell(shop: Shop, message: ToShop): void {
    if (shop.process.connected) shop.process.send(message, () => undefined);
  }

  #hear(shop: Shop, message: FromShop): void {
    switch (message.kind) {
      case 'ready':
        shop.isReady = true;
        break;
      case 'book': {
        const { entry, id } = message;
        for (const each of this.#shops) each.tasks.delete(entry.cartId);
        this.#lost.delete(entry.cartId);
        const next = this.#merchant.book(entry);
        if (next !== undefined) this.#waiting.push(next);
        if (entry.says === 'unpaid' && entry.tranRef !== undefined) {
          void lieAbout(this.#simulator, entry.tranRef);
        }
        this.#tell(shop, { kind: 'booked', id });
        break;
      }
      case 'moved':
        this.#moves.add(`${message.from} → ${message.to}`);
        break;
      case 'corrected':
        this.#corrected += 1;
        break;
      case 'leaked':
        this.#leaks.note(message.where);
        break;
      case 'nothingDone': {
        const task = shop.tasks.get(message.cartId);
        shop.tasks.delete(message.cartId);
        if (task !== undefined) this.#waiting.push(task);
        break;
      }
      case 'begun': {
        const task = this.#lost.get(message.cartId);
        this.#lost.delete(message.cartId);
        if (task !== undefined && !message.was) this.#waiting.push(task);
        break;
      }
      case 'crashed':
        this.#crashes.push(message.message);
    }
  }

  async #work(startedAt: number): Promise<void> {
    const { concurrency, seed, factor, onProgress, payments } = this.#options;
    // Everything ends when the longest waits are over: pages, and what was never found.
    const patienceMs = payments * 28 + (4 * 3_600_000) / factor + 30_000;
    let ticks = 0;
    while (!this.#merchant.isDone && Date.now() - startedAt < patienceMs) {
      ticks += 1;
      while (this.#merchant.running < concurrency) {
        const task = this.#merchant.begin();
        if (task === undefined) break;
        void this.#prepare(task);
      }
      this.#handOut();
      const share = shareOf(seed, ticks, 'death');
      // Every two seconds or so somebody dies, or stands still for longer than anybody waits for him.
      if (share < 0.006) await this.#kill();
      else if (share < 0.009) this.#freeze();
      if (ticks % 500 === 0) onProgress?.(this.#progress());
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  #progress(): string {
    const { finished, running, entries } = this.#merchant;
    return `${finished.size} of ${this.#options.payments} orders, ${running} under way, ${entries.size} ends booked, ${this.#kills} killed, ${this.#freezes} frozen`;
  }

  #handOut(): void {
    const shops = this.#shops.filter(({ isReady, isFrozen }) => isReady && !isFrozen);
    const [first] = shops;
    if (first === undefined) return;
    for (const cartId of this.#lost.keys()) {
      if (this.#asked.has(cartId)) continue;
      this.#asked.add(cartId);
      this.#tell(first, { kind: 'wasBegun', cartId });
    }
    this.#waiting.splice(0).forEach((task, index) => {
      const shop = shops[index % shops.length] as Shop;
      shop.tasks.set(task.cartId, task);
      this.#tell(shop, { kind: 'task', task });
    });
  }

  async #kill(): Promise<void> {
    const shop = this.#shops.find(({ isReady, isFrozen }) => isReady && !isFrozen);
    if (shop === undefined) return;
    this.#kills += 1;
    const gone = once(shop.process, 'exit');
    shop.process.kill('SIGKILL');
    await gone;
    void this.#open();
  }

  #freeze(): void {
    const shop = this.#shops.find(({ isReady, isFrozen }) => isReady && !isFrozen);
    if (shop === undefined || this.#shops.filter(({ isFrozen }) => !isFrozen).length < 2) return;
    this.#freezes += 1;
    shop.isFrozen = true;
    shop.process.kill('SIGSTOP');
    const thaw = () => {
      shop.isFrozen = false;
      shop.process.kill('SIGCONT');
    };
    // Longer than a request may wait before it leaves.
    setTimeout(thaw, 45_000 / this.#options.factor);
  }

  async #prepare(task: Task): Promise<void> {
    // Before it is used here.
    if (task.order.isUsedElsewhere) await useElsewhere(this.#simulator, task);
    this.#waiting.push(task);
  }
}
