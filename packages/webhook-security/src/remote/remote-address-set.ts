import { type AddressSet, createAddressSet } from '../address/address-set.js';
import { WebhookSecurityError } from '../errors.js';
import { integer, invalid, optionalFunction, refuseUnknown } from '../validation.js';
import { fetchText } from './fetch-text.js';
import {
  type RemoteOptions,
  type RemoteSettings,
  readRemoteOptions,
  remoteOptionNames,
  requireHttps,
} from './remote-options.js';

/** What becomes of a list that is loaded again and again. */
export type AddressListEvent =
  | { readonly event: 'changed'; readonly before: number; readonly after: number }
  /** The list in force stays: what was loaded cannot be used, or could not be loaded. */
  | { readonly event: 'kept'; readonly size: number; readonly error: WebhookSecurityError };

export interface RemoteAddressSetOptions extends RemoteOptions {
  /** Where the list is; https. */
  readonly url: string;
  /** Takes the addresses and networks out of the text. Default: one in each line, `#` begins a comment. */
  readonly read?: (text: string) => readonly string[];
  /** In force until the first list has come. Default: none, so that nobody is let in. */
  readonly initial?: readonly string[];
  /** How often the list is loaded, in ms. Default 3,600,000; 1,000 to 604,800,000. */
  readonly refreshMs?: number;
  /** A list with less than this share of the entries in force is not taken. Default 0.5; 0 to 1. */
  readonly leastShare?: number;
  readonly observer?: (event: AddressListEvent) => void;
}

/** Addresses that are loaded from an address of the sender's. */
export interface RemoteAddressSet extends AddressSet {
  /** How many entries are in force. */
  readonly size: number;
  /**
   * Loads the list now, and from then on every `refreshMs`. While it is being loaded, the same again.
   * @throws WebhookSecurityError REMOTE_FAILED, REMOTE_REFUSED; the list in force stays
   */
  load(): Promise<void>;
  /** Loads no more. */
  close(): void;
}

const readLines = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => (line.split('#', 1)[0] as string).trim())
    .filter((line) => line !== '');

/**
 * A set for `allow` or `trustedProxies` that follows a published list. The last good list stays in force:
 * one that is empty, unreadable or suddenly much shorter is not taken.
 * @throws WebhookSecurityError INVALID_OPTION
 */
export function createRemoteAddressSet(options: RemoteAddressSetOptions): RemoteAddressSet {
  const names = ['url', 'read', 'initial', 'refreshMs', 'leastShare', 'observer'];
  refuseUnknown('', options, [...names, ...remoteOptionNames]);
  return new LoadedSet(options, readRemoteOptions(options));
}

class LoadedSet implements RemoteAddressSet {
  readonly #url: string;
  readonly #read: (text: string) => readonly string[];
  readonly #refreshMs: number;
  readonly #leastShare: number;
  readonly #observer: ((event: AddressListEvent) => void) | undefined;
  readonly #remote: RemoteSettings;
  #set: AddressSet;
  #size: number;
  #etag: string | undefined;
  #cancel: () => void = () => {};
  #loading: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: RemoteAddressSetOptions, remote: RemoteSettings) {
    const { initial = [], leastShare = 0.5, read = readLines } = options;
    this.#url = requireHttps('url', options.url);
    this.#read = optionalFunction('read', read) as typeof read;
    this.#refreshMs = integer('refreshMs', options.refreshMs ?? 3_600_000, 1_000, 604_800_000);
    if (!(leastShare >= 0 && leastShare <= 1)) {
      throw invalid('leastShare', leastShare, 'a share from 0 to 1');
    }
    this.#leastShare = leastShare;
    this.#observer = optionalFunction('observer', options.observer);
    this.#remote = remote;
    this.#set = createAddressSet(initial, 'initial');
    this.#size = initial.length;
  }

  has(address: unknown): boolean {
    return this.#set.has(address);
  }

  get size(): number {
    return this.#size;
  }

  load(): Promise<void> {
    // One at a time: an answer that comes late must not replace a newer one, nor start a second round.
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #load(): Promise<void> {
    this.#cancel();
    try {
      await this.#refresh();
    } catch (error) {
      this.#tell({ event: 'kept', size: this.#size, error: error as WebhookSecurityError });
      throw error;
    } finally {
      if (!this.#isClosed) this.#schedule();
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  #schedule(): void {
    const again = () => void this.load().catch(() => {});
    this.#cancel = this.#remote.clock.setTimer(again, this.#refreshMs);
  }

  async #refresh(): Promise<void> {
    const { text, etag } = await fetchText({
      ...this.#remote,
      url: this.#url,
      etag: this.#etag,
    });
    if (text === undefined || this.#isClosed) return;
    const rules = this.#rulesOf(text);
    const before = this.#size;
    this.#set = createAddressSet(rules, 'list');
    this.#size = rules.length;
    this.#etag = etag;
    this.#tell({ event: 'changed', before, after: rules.length });
  }

  #rulesOf(text: string): readonly string[] {
    let rules: readonly string[];
    try {
      rules = this.#read(text);
      createAddressSet(rules, 'list');
    } catch (cause) {
      throw this.#refused('cannot be read as a list of addresses', cause);
    }
    if (rules.length === 0) throw this.#refused('is empty');
    if (rules.length < this.#size * this.#leastShare) {
      throw this.#refused(`has ${rules.length} entries where ${this.#size} are in force`);
    }
    return rules;
  }

  #refused(why: string, cause?: unknown): WebhookSecurityError {
    const { host } = new URL(this.#url);
    return new WebhookSecurityError('REMOTE_REFUSED', `the list of ${host} ${why}`, { cause });
  }

  #tell(event: AddressListEvent): void {
    try {
      this.#observer?.(event);
    } catch {
      // Whoever listens must not keep a list from being followed.
    }
  }
}
