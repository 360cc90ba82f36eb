import {
  amount,
  type Findings,
  judge,
  median,
  quantile,
  type Verdict,
} from '@nestcms/bench/findings';
import { collect, heapBytes } from '@nestcms/bench/heap';
import { inChild } from '@nestcms/bench/in-child';
import type { Note, Settings } from '@nestcms/bench/settings';
import { requestOf } from '../columns/ours.ts';
import { ONE_KB } from '../support/bodies.ts';
import { loadBuilt, type Ours } from '../support/build.ts';
import { deliver } from '../support/deliveries.ts';

const ENTRIES = 1_000_000;
const OPERATIONS = 300_000;
const MEGABYTE = 1_000_000;
const KEEP_MS = 604_800_000;
const CLAIM_MS = 60_000;
const TOKEN = '0d2b8c1e-7f0a-4c9e-9d53-6a1f5b3f2e11';

type Kind = 'ids of 31 characters' | 'digests of the body';
const KINDS: readonly Kind[] = ['ids of 31 characters', 'digests of the body'];

interface Held {
  readonly kind: Kind;
  readonly bytes: number;
  readonly fillSeconds: number;
  readonly operations: readonly Timed[];
}

interface Timed {
  readonly name: string;
  readonly us: number;
  readonly p999: number;
  readonly slowest: number;
}

/** The store in memory with a million deliveries. */
export const run = async (_: Settings, note: Note): Promise<Findings> => {
  const found: Held[] = [];
  for (const kind of KINDS) {
    note(`a million ${kind}`);
    const errand = { url: import.meta.url, name: 'held', settings: kind };
    found.push(await inChild<Held>(errand, { note }));
  }
  return {
    verdicts: found.flatMap(verdictsOf),
    tables: [
      {
        title: 'The replay store in memory with 1,000,000 deliveries',
        head: ['keys', 'MB', 'bytes each', 's to fill'],
        body: found.map(({ kind, bytes, fillSeconds }) => [
          kind,
          amount(bytes / MEGABYTE),
          amount(bytes / ENTRIES),
          fillSeconds.toFixed(2),
        ]),
      },
      {
        title: 'One operation of it, us, collections of garbage included',
        head: ['operation', 'median', 'p99.9', 'slowest'],
        body: found.flatMap(({ kind, operations }) =>
          operations.map(({ name, us, p999, slowest }) => [
            `${name}, ${kind}`,
            amount(us),
            amount(p999),
            amount(slowest),
          ]),
        ),
      },
    ],
  };
};

const verdictsOf = ({ kind, bytes, operations }: Held): Verdict[] => {
  const worst = Math.max(...operations.map(({ p999 }) => p999));
  return [
    {
      row: `memory replay store, 1,000,000 ${kind}`,
      figure: `${amount(bytes / MEGABYTE)} MB`,
      ...judge(bytes / MEGABYTE, { most: 96, unit: ' MB' }),
    },
    {
      row: `memory replay store, p99.9 of the slowest operation, ${kind}`,
      figure: `${amount(worst)} us`,
      ...judge(worst, { most: 50, unit: ' us' }),
    },
  ];
};

/** In a process of its own. */
export const held = async (kind: Kind): Promise<Held> => {
  const ours = await loadBuilt();
  const keyOf = keysOf(ours, kind);
  let now = 0;
  const clock = { ...ours.systemClock, now: () => now };
  const store = ours.createMemoryReplayStore({ maxEntries: 2 * ENTRIES, clock });
  const add = (number: number) => {
    // A week for a million: from then on as many run out as come in.
    now = (number * KEEP_MS) / ENTRIES;
    const key = keyOf(number);
    store.claim(key, { claimMs: CLAIM_MS, token: TOKEN });
    store.confirm(key, { keepMs: KEEP_MS });
  };
  await collect();
  const before = heapBytes();
  const started = performance.now();
  for (let number = 0; number < ENTRIES; number += 1) add(number);
  const fillSeconds = (performance.now() - started) / 1000;
  await collect();
  const bytes = heapBytes() - before;
  if (store.size !== ENTRIES) throw new Error(`The store holds ${store.size}.`);
  return {
    kind,
    bytes,
    fillSeconds,
    operations: timed(store, keyOf, (at) => {
      now = (at * KEEP_MS) / ENTRIES;
    }),
  };
};

/** Keys as verifiers make them: what stands before the id is taken from one of theirs. */
const keysOf = (ours: Ours, kind: Kind): ((number: number) => string) => {
  const isId = kind === 'ids of 31 characters';
  const scheme = isId ? 'standard' : 'github';
  const delivery = deliver(scheme, ONE_KB.bytes);
  const keys: string[] = [];
  const none = () => {};
  const store = {
    claim: (key: string) => {
      keys.push(key);
      return 'claimed' as const;
    },
    confirm: none,
    release: none,
  };
  const verifier = ours.createWebhookVerifier({
    scheme: isId ? ours.standardWebhooks() : ours.github(),
    keys: [delivery.secret],
    payload: false,
    replay: { store },
  });
  verifier.verifySync(requestOf(delivery));
  const [key] = keys;
  if (key === undefined) throw new Error('No delivery was claimed.');
  const varying = isId ? 27 : 64;
  const prefix = key.slice(0, -varying);
  return (number) => `${prefix}${number.toString(16).padStart(varying, '0')}`;
};

type Store = ReturnType<Ours['createMemoryReplayStore']>;

/** Each operation is timed by itself while the store stays at a million. */
const timed = (
  store: Store,
  keyOf: (number: number) => string,
  moveTo: (number: number) => void,
): Timed[] => {
  const times = new Map<string, Float64Array>();
  const time = (name: string, place: number, operation: () => unknown): void => {
    const list = times.get(name) ?? new Float64Array(OPERATIONS);
    times.set(name, list);
    const started = performance.now();
    operation();
    list[place] = (performance.now() - started) * 1000;
  };
  for (let place = 0; place < OPERATIONS; place += 1) {
    const number = ENTRIES + place;
    moveTo(number);
    const key = keyOf(number);
    const dropped = `${key}:dropped`;
    const claim = { claimMs: CLAIM_MS, token: TOKEN };
    time('claim', place, () => store.claim(key, claim));
    time('confirm', place, () => store.confirm(key, { keepMs: KEEP_MS }));
    time('claim of a repeat', place, () => store.claim(key, claim));
    store.claim(dropped, claim);
    time('release', place, () => store.release(dropped, { token: TOKEN }));
  }
  return [...times].map(([name, list]) => {
    const values = [...list];
    return {
      name,
      us: median(values),
      p999: quantile(values, 0.999),
      slowest: values.reduce((most, value) => Math.max(most, value), 0),
    };
  });
};
