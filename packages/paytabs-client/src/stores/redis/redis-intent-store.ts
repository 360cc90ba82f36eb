import { randomUUID } from 'node:crypto';
import { systemClock } from '@nestcms/circuit-breaker';
import { PayTabsError } from '../../errors.js';
import { hasEnded, INTENT_VERSION, type Intent, type IntentKey } from '../../intents/intent.js';
import { fromRecord, type RecordForm, toRecord } from '../../intents/intent-record.js';
import type { DueFilter, IntentStore } from '../../ports/intent-store.js';
import { collectDue, type OnUnreadable, warnOfUnreadable } from '../collect-due.js';
import * as scripts from './intent-scripts.js';
import { type RedisIntentStoreOptions, resolveRedisOptions } from './redis-intent-store-options.js';
import { RedisLink, type Sender } from './redis-link.js';

const form: RecordForm<string, string> = {
  minor: (minor) => minor.toString(),
  time: (time) => time.toISOString(),
};

/** So long a server is believed to be what it said it was: settings change, and a fail-over brings another one. */
const checkEveryMs = 60_000;

/**
 * Keeps intents in Redis, each change in one script. A Redis forgets more easily than a database with a majority: what
 * each setting may lose is said in `docs/intent-stores.md`. Call {@link checkServer} once at start.
 */
export class RedisIntentStore implements IntentStore {
  readonly #link: RedisLink;
  readonly #keyPrefix: string;
  readonly #waitsForReplicas: boolean;
  readonly #keepEndedMs: number | undefined;
  readonly #whenEvicting: 'refuse' | 'warn';
  readonly #onUnreadable: OnUnreadable;
  /** By profile, when its node was found fit. */
  readonly #checkedAt = new Map<number, number>();
  readonly #warnings = new Set<string>();

  /** @throws PayTabsError INVALID_OPTION */
  constructor(options: RedisIntentStoreOptions) {
    const checked = resolveRedisOptions(options);
    const { redis, timeoutMs, waitForReplicas: replicas, replicaTimeoutMs } = checked;
    this.#link = new RedisLink({ redis, timeoutMs, replicas, replicaTimeoutMs });
    this.#keyPrefix = checked.keyPrefix;
    this.#waitsForReplicas = replicas > 0;
    this.#keepEndedMs = checked.keepEndedMs;
    this.#whenEvicting = checked.whenEvicting;
    this.#onUnreadable = checked.onUnreadable ?? warnOfUnreadable();
  }

  /**
   * Looks whether the Redis that has this profile's intents is fit to keep them. `begin` does so too, once a minute.
   * @throws PayTabsError INTENT_STORE_FAILED when it may evict or does not say, and `whenEvicting` is `refuse`
   */
  checkServer({ profileId }: { readonly profileId: number }): Promise<void> {
    return this.#link.within((send) => this.#check(profileId, send));
  }

  async begin(intent: Intent): Promise<void> {
    const { profileId, cartId } = intent;
    const isBegun = await this.#link.within(
      async (send) => {
        const checkedAt = this.#checkedAt.get(profileId) ?? Number.NEGATIVE_INFINITY;
        if (systemClock.now() - checkedAt > checkEveryMs) await this.#check(profileId, send);
        return send.runDurably({
          script: scripts.beginScript,
          keys: [this.#recordKey(intent), this.#dueKey(profileId)],
          args: argumentsOf(intent),
        });
      },
      { cartId },
    );
    if (isBegun === '1') return;
    throw new PayTabsError('REFERENCE_REUSED', `"${cartId}" was begun before`, { cartId });
  }

  async replace(intent: Intent): Promise<boolean> {
    const { profileId, cartId, revision } = intent;
    const mayExpire = hasEnded(intent) && intent.acknowledged;
    const keepMs = mayExpire ? String(this.#keepEndedMs ?? '') : '';
    const isReplaced = await this.#link.within(
      (send) =>
        send.runDurably({
          script: scripts.replaceScript,
          keys: [this.#recordKey(intent), this.#dueKey(profileId)],
          args: [...argumentsOf(intent), String(revision - 1), keepMs],
        }),
      { cartId },
    );
    return isReplaced === '1';
  }

  async find(key: IntentKey): Promise<Intent | undefined> {
    const { cartId } = key;
    const text = await this.#link.within(
      (send) => send.run({ script: scripts.findScript, keys: [this.#recordKey(key)], args: [] }),
      { cartId },
    );
    return text === null ? undefined : read(text, key);
  }

  async listDue({ profileId, dueBefore, limit = 100 }: DueFilter): Promise<readonly Intent[]> {
    const keys = [
      this.#dueKey(profileId),
      this.#recordKey({ profileId, cartId: '' }),
    ] as const satisfies readonly string[];
    return this.#link.within((send) =>
      collectDue<readonly [string, unknown]>({
        limit,
        onUnreadable: this.#onUnreadable,
        page: async (skip) => {
          const args = [dueBefore.getTime(), skip, limit].map(String);
          const rows = await send.run({ script: scripts.listDueScript, keys, args });
          return rows as [string, unknown][];
        },
        read: ([cartId, text]) => read(text, { profileId, cartId }),
        cartIdOf: ([cartId]) => cartId,
      }),
    );
  }

  async #check(profileId: number, send: Sender): Promise<void> {
    const step = {
      script: scripts.checkScript,
      keys: [this.#dueKey(profileId)],
      args: [],
    } as const;
    const [policy = '', appendOnly = ''] = (await send.run(step)) as string[];
    if (policy !== 'noeviction') this.#meetEviction(policy);
    if (appendOnly === '0' && !this.#waitsForReplicas) {
      this.#warn(
        'Redis has no append-only file, and no replica is waited for: a restart forgets intents',
      );
    }
    this.#checkedAt.set(profileId, systemClock.now());
  }

  #meetEviction(policy: string): void {
    const found = policy === '' ? 'Redis does not say its' : `Redis has "${policy}" as its`;
    const message = `${found} maxmemory-policy; it must be noeviction, or intents may be forgotten`;
    if (this.#whenEvicting === 'refuse') throw new PayTabsError('INTENT_STORE_FAILED', message);
    this.#warn(message);
  }

  /** Once each. */
  #warn(message: string): void {
    if (this.#warnings.has(message)) return;
    this.#warnings.add(message);
    process.emitWarning(message, 'PayTabsWarning');
  }

  #recordKey({ profileId, cartId }: IntentKey): string {
    return `${this.#keyPrefix}:{${profileId}}:intent:${cartId}`;
  }

  #dueKey(profileId: number): string {
    return `${this.#keyPrefix}:{${profileId}}:due:${INTENT_VERSION}`;
  }
}

const argumentsOf = (intent: Intent): string[] => [
  JSON.stringify({ token: randomUUID(), ...toRecord(intent, form) }),
  intent.cartId,
  intent.dueAt === undefined ? '' : String(intent.dueAt.getTime()),
];

/** @throws PayTabsError INTENT_STORE_FAILED for what is no intent of this version, or another one than was asked for */
function read(text: unknown, { profileId, cartId }: IntentKey): Intent {
  const failed = (message: string) => new PayTabsError('INTENT_STORE_FAILED', message, { cartId });
  if (text === null) throw failed('The intent is due, but no longer there: evicted or deleted');
  let record: unknown;
  try {
    record = JSON.parse(text as string);
  } catch {
    throw failed('What is stored under the key of the intent is no JSON');
  }
  const intent = fromRecord(record);
  if (intent.profileId === profileId && intent.cartId === cartId) return intent;
  throw failed('What is stored under the key of the intent is another intent');
}
