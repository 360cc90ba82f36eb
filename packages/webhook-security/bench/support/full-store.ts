import { median, quantile } from '@nestcms/bench/findings';
import { collect, heapBytes } from '@nestcms/bench/heap';
import type { Note } from '@nestcms/bench/settings';
import type { ReplayStore } from '../../src/index.js';
import { loadBuilt, type Ours } from './build.ts';
import { deliver } from './deliveries.ts';

const OPERATIONS = 300_000;
const KEEP_MS = 604_800_000;
const CLAIM_MS = 60_000;
const TOKEN = '0d2b8c1e-7f0a-4c9e-9d53-6a1f5b3f2e11';

/** By what a delivery is known: the id that its sender signs, or a digest of its body. */
export type Kind = 'signed ids' | 'digests';

/** A store that has many deliveries. */
export interface FullStore {
  readonly kind: Kind;
  readonly bytes: number;
  readonly fillSeconds: number;
  readonly operations: readonly Timed[];
}

/** Microseconds of one operation. */
export interface Timed {
  readonly name: string;
  readonly us: number;
  readonly p999: number;
  readonly slowest: number;
}

type Store = ReturnType<Ours['createMemoryReplayStore']>;

/** Fills the store in memory through a verifier, so that it holds what it would hold; then times it. */
export const fullStore = async (
  { kind, entries }: { readonly kind: Kind; readonly entries: number },
  note: Note,
): Promise<FullStore> => {
  const ours = await loadBuilt();
  let now = 0;
  // All entries come within a week: from then on as many run out as come in.
  const moveTo = (number: number) => {
    now = (number * KEEP_MS) / entries;
  };
  const clock = { ...ours.systemClock, now: () => now };
  const store = ours.createMemoryReplayStore({ maxEntries: 2 * entries, clock });
  const lastKey = { text: '' };
  const accept = acceptor(ours, kind, watched(store, lastKey));
  await collect();
  const before = heapBytes();
  const started = performance.now();
  for (let number = 0; number < entries; number += 1) {
    if (number % 100_000 === 0) note(`${kind}: ${number}`);
    moveTo(number);
    await accept(number);
  }
  const fillSeconds = (performance.now() - started) / 1000;
  await collect();
  const bytes = heapBytes() - before;
  if (store.size !== entries) throw new Error(`The store holds ${store.size}.`);
  note(`${kind}: one operation after the other`);
  const keyOf = likeThat(lastKey.text);
  const operations = timed(store, (place) => {
    moveTo(entries + place);
    return keyOf(place);
  });
  return { kind, bytes, fillSeconds, operations };
};

const watched = (store: Store, lastKey: { text: string }): ReplayStore => ({
  claim: (key, options) => {
    lastKey.text = key;
    return store.claim(key, options);
  },
  confirm: (key, options) => store.confirm(key, options),
  release: (key, options) => store.release(key, options),
});

/** Handles the delivery of a number. */
const acceptor = (ours: Ours, kind: Kind, store: ReplayStore) => {
  const scheme = kind === 'signed ids' ? 'standard' : 'github';
  const deliveryOf = (number: number) => {
    const digits = String(number);
    return deliver(scheme, Buffer.from(digits), { id: `msg_${digits.padStart(27, '0')}` });
  };
  const verifier = ours.createWebhookVerifier({
    scheme: scheme === 'standard' ? ours.standardWebhooks() : ours.github(),
    keys: [deliveryOf(0).secret],
    payload: false,
    replay: { store, keepMs: KEEP_MS },
  });
  return async (number: number): Promise<void> => {
    const { headers, body } = deliveryOf(number);
    // A header that a server has read is one piece of text.
    const read = Object.entries(headers).flatMap((pair) => pair.map(inOnePiece));
    const verdict = verifier.verifySync({ method: 'POST', headers: read, body });
    if (verdict.verdict !== 'accepted') throw new Error(`Delivery ${number} was not accepted.`);
    await verdict.claim.confirm();
  };
};

const inOnePiece = (text: string): string => Buffer.from(text).toString('latin1');

const DIGITS = 27;

/** Keys of the form of that one, which the store does not have. */
const likeThat = (key: string): ((number: number) => string) => {
  const begin = `${key.slice(0, -DIGITS)}new`;
  return (number) => inOnePiece(`${begin}${String(number).padStart(DIGITS - 3, '0')}`);
};

/** Each operation is timed by itself, while the store keeps its size. */
const timed = (store: Store, nextKey: (place: number) => string): Timed[] => {
  const times = new Map<string, Float64Array>();
  const time = (name: string, place: number, operation: () => unknown): void => {
    const list = times.get(name) ?? new Float64Array(OPERATIONS);
    times.set(name, list);
    const started = performance.now();
    operation();
    list[place] = (performance.now() - started) * 1000;
  };
  const claim = { claimMs: CLAIM_MS, token: TOKEN };
  for (let place = 0; place < OPERATIONS; place += 1) {
    const key = nextKey(place);
    const dropped = `${key}:dropped`;
    time('claim', place, () => store.claim(key, claim));
    time('confirm', place, () => store.confirm(key, { keepMs: KEEP_MS }));
    time('claim of a repeat', place, () => store.claim(key, claim));
    store.claim(dropped, claim);
    time('release', place, () => store.release(dropped, { token: TOKEN }));
  }
  return [...times].map(([name, list]) => {
    const values = [...list];
    const slowest = values.reduce((most, value) => Math.max(most, value), 0);
    return { name, us: median(values), p999: quantile(values, 0.999), slowest };
  });
};
