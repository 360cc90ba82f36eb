import { KeyList } from './key-list.ts';

/** A cache of keys: says whether it had the one asked for, and has it from then on if it likes. */
export type Request = (key: number) => boolean;

export type MakePolicy = (capacity: number) => Request;

const lru: MakePolicy = (capacity) => {
  const kept = new KeyList();
  return (key) => {
    if (kept.renew(key)) return true;
    if (kept.size === capacity) kept.shift();
    kept.push(key);
    return false;
  };
};

const fifo: MakePolicy = (capacity) => {
  const kept = new KeyList();
  return (key) => {
    if (kept.has(key)) return true;
    if (kept.size === capacity) kept.shift();
    kept.push(key);
    return false;
  };
};

/** Zhang et al., NSDI 2024: a hand walks from the oldest to the newest and spares what was asked for. */
const sieve: MakePolicy = (capacity) => {
  const kept = new KeyList();
  const visited = new Set<number>();
  let hand: number | undefined;
  const evict = () => {
    let victim = hand ?? kept.oldest;
    while (victim !== undefined && visited.delete(victim)) {
      victim = kept.newerThan(victim) ?? kept.oldest;
    }
    if (victim === undefined) return;
    hand = kept.newerThan(victim);
    kept.delete(victim);
  };
  return (key) => {
    if (kept.has(key)) {
      visited.add(key);
      return true;
    }
    if (kept.size === capacity) evict();
    kept.push(key);
    return false;
  };
};

/** Yang et al., SOSP 2023: a small queue for what is new, a main one, and the keys of what left the small one. */
const s3Fifo: MakePolicy = (capacity) => {
  const smallCapacity = Math.round(capacity / 10);
  const [small, main, ghosts] = [new KeyList(), new KeyList(), new KeyList()];
  const counts = new Map<number, number>();
  const countOf = (key: number) => counts.get(key) ?? 0;
  const evictMain = () => {
    for (let key = main.shift(); key !== undefined; key = main.shift()) {
      const count = countOf(key);
      if (count === 0) {
        counts.delete(key);
        return;
      }
      counts.set(key, count - 1);
      main.push(key);
    }
  };
  const evictSmall = () => {
    for (let key = small.shift(); key !== undefined; key = small.shift()) {
      if (countOf(key) <= 1) {
        counts.delete(key);
        ghosts.push(key);
        if (ghosts.size > capacity - smallCapacity) ghosts.shift();
        return;
      }
      counts.set(key, 0);
      if (main.size >= capacity - smallCapacity) evictMain();
      main.push(key);
    }
    evictMain();
  };
  return (key) => {
    if (small.has(key) || main.has(key)) {
      counts.set(key, Math.min(3, countOf(key) + 1));
      return true;
    }
    if (small.size + main.size >= capacity) {
      if (small.size >= smallCapacity) evictSmall();
      else evictMain();
    }
    (ghosts.delete(key) ? main : small).push(key);
    counts.set(key, 0);
    return false;
  };
};

/** Four rows of counters up to 15, halved after ten requests per entry. */
const countMin = (capacity: number) => {
  const width = 2 ** Math.ceil(Math.log2(4 * capacity));
  const counts = new Uint8Array(4 * width);
  let added = 0;
  const place = (key: number, row: number) => {
    const mixed = Math.imul(Math.imul(key + 1, 0x9e3779b1) ^ (key >>> 7), 0x85ebca6b + 2 * row);
    return row * width + ((mixed ^ (mixed >>> 15)) & (width - 1));
  };
  return {
    add: (key: number) => {
      for (let row = 0; row < 4; row += 1) {
        const at = place(key, row);
        counts[at] = Math.min(15, (counts[at] ?? 0) + 1);
      }
      added += 1;
      if (added < 10 * capacity) return;
      added >>= 1;
      for (let at = 0; at < counts.length; at += 1) counts[at] = (counts[at] ?? 0) >> 1;
    },
    count: (key: number) => {
      let least = 15;
      for (let row = 0; row < 4; row += 1) least = Math.min(least, counts[place(key, row)] ?? 0);
      return least;
    },
  };
};

/** Einziger et al., 2017: a window of one hundredth; the rest is for what is asked for more often. */
const wTinyLfu: MakePolicy = (capacity) => {
  const windowCapacity = Math.max(1, Math.round(capacity / 100));
  const mainCapacity = capacity - windowCapacity;
  const protectedCapacity = Math.floor(0.8 * mainCapacity);
  const [window, probation, kept] = [new KeyList(), new KeyList(), new KeyList()];
  const sketch = countMin(capacity);
  const promote = (key: number) => {
    kept.push(key);
    if (kept.size > protectedCapacity) probation.push(kept.shift() as number);
  };
  const admit = (key: number) => {
    if (probation.size + kept.size >= mainCapacity) {
      const from = probation.size > 0 ? probation : kept;
      if (sketch.count(key) <= sketch.count(from.oldest as number)) return;
      from.shift();
    }
    probation.push(key);
  };
  return (key) => {
    sketch.add(key);
    if (window.renew(key) || kept.renew(key)) return true;
    if (probation.delete(key)) {
      promote(key);
      return true;
    }
    window.push(key);
    if (window.size > windowCapacity) admit(window.shift() as number);
    return false;
  };
};

/** Megiddo and Modha, FAST 2003: recent and frequent lists, with ghosts that shift the border between them. */
const arc: MakePolicy = (capacity) => {
  const [recent, frequent] = [new KeyList(), new KeyList()];
  const [recentGhosts, frequentGhosts] = [new KeyList(), new KeyList()];
  let border = 0;
  const replace = (isFrequentGhost: boolean) => {
    const fromRecent =
      recent.size > 0 && (recent.size > border || (isFrequentGhost && recent.size === border));
    if (fromRecent) recentGhosts.push(recent.shift() as number);
    else frequentGhosts.push(frequent.shift() as number);
  };
  const makeRoom = () => {
    if (recent.size + recentGhosts.size === capacity) {
      if (recent.size === capacity) {
        recent.shift();
        return;
      }
      recentGhosts.shift();
      replace(false);
      return;
    }
    const all = recent.size + frequent.size + recentGhosts.size + frequentGhosts.size;
    if (all < capacity) return;
    if (all === 2 * capacity) frequentGhosts.shift();
    replace(false);
  };
  return (key) => {
    if (frequent.renew(key)) return true;
    if (recent.delete(key)) {
      frequent.push(key);
      return true;
    }
    if (recentGhosts.has(key)) {
      border = Math.min(capacity, border + Math.max(1, frequentGhosts.size / recentGhosts.size));
      replace(false);
      recentGhosts.delete(key);
      frequent.push(key);
    } else if (frequentGhosts.has(key)) {
      border = Math.max(0, border - Math.max(1, recentGhosts.size / frequentGhosts.size));
      replace(true);
      frequentGhosts.delete(key);
      frequent.push(key);
    } else {
      makeRoom();
      recent.push(key);
    }
    return false;
  };
};

export const RIVALS: Readonly<Record<string, MakePolicy>> = {
  LRU: lru,
  FIFO: fifo,
  SIEVE: sieve,
  'S3-FIFO': s3Fifo,
  'W-TinyLFU': wTinyLfu,
  ARC: arc,
};
