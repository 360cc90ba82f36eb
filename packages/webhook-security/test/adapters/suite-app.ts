import {
  type AcceptedVerdict,
  createMemoryReplayStore,
  createWebhookVerifier,
  meta,
  payTabsCallback,
  payTabsReturn,
  type ReplayStore,
  slack,
  type WebhookEvent,
} from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { type Notice, noticeSchema, type RunningApp, type StartApp } from './apps/app-parts.js';
import { key, maxBytes as MAX_BYTES, now, verifyToken } from './suite-requests.js';

export interface SuiteAppOptions {
  readonly decode?: boolean;
  readonly keepAnswers?: boolean;
  /** Where nothing is known of the client's address, none can be asked for. */
  readonly allowsAny?: boolean;
  readonly maxBytes?: number;
}

/** An adapter's application, started once, and what the tests of a suite see of it. */
export class SuiteApp {
  readonly #startApp: StartApp;
  readonly #options: SuiteAppOptions;
  readonly #clock = new ManualClock({ wallTime: now });
  #store: ReplayStore = createMemoryReplayStore({ clock: this.#clock });
  #running: RunningApp | undefined;

  events: WebhookEvent[] = [];
  handled: AcceptedVerdict<Notice>[] = [];
  handle: (verdict: AcceptedVerdict<Notice>) => unknown = () => ({ received: true });

  constructor(startApp: StartApp, options: SuiteAppOptions = {}) {
    this.#startApp = startApp;
    this.#options = options;
  }

  get origin(): string {
    return (this.#running as RunningApp).origin;
  }

  async begin(): Promise<void> {
    const {
      decode = false,
      keepAnswers = false,
      allowsAny = false,
      maxBytes = MAX_BYTES,
    } = this.#options;
    const shared = {
      keys: [key],
      clock: this.#clock,
      observer: (event: WebhookEvent) => this.events.push(event),
    };
    // The application lives on from test to test; what it remembers does not.
    const store: ReplayStore = {
      claim: (...args) => this.#store.claim(...args),
      confirm: (...args) => this.#store.confirm(...args),
      release: (...args) => this.#store.release(...args),
    };
    this.#running = await this.#startApp({
      hook: createWebhookVerifier({
        ...shared,
        scheme: payTabsCallback(),
        maxBytes,
        payload: noticeSchema,
        ...(!allowsAny && { allow: ['127.0.0.1', '::1', '203.0.113.0/24', '2001:db8::/32'] }),
        trustedProxies: ['127.0.0.1', '::1', '10.0.0.0/8'],
        replay: { store, keepAnswers },
      }),
      back: createWebhookVerifier({ ...shared, scheme: payTabsReturn() }),
      asked: createWebhookVerifier({
        ...shared,
        scheme: meta(),
        verifyToken,
        replay: { store, repeatStatus: 409 },
      }),
      chat: createWebhookVerifier({ ...shared, scheme: slack() }),
      decode,
      handle: (verdict) => {
        this.handled.push(verdict);
        return this.handle(verdict);
      },
    });
  }

  async close(): Promise<void> {
    await this.#running?.close();
  }

  reset(): void {
    this.#store = createMemoryReplayStore({ clock: this.#clock });
    this.events = [];
    this.handled = [];
    this.handle = () => ({ received: true });
  }

  /** Has the handler wait until what is returned is called. */
  holdHandler(): () => void {
    let finish = () => {};
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    this.handle = async () => {
      await held;
      return { received: true };
    };
    return () => finish();
  }
}
