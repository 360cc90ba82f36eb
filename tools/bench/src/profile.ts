import { readFileSync } from 'node:fs';
import { type Profiler, Session } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';
import type { Table } from './findings.ts';

const WARM_CALLS = 300_000;
const CALLS = 2_000_000;
const INTERVAL_US = 100;

/** The share of the time that is spent in a function itself, 0 to 1. */
interface Share {
  readonly place: string;
  readonly share: number;
}

/** Below that share it is no news. */
const LEAST = 0.01;

/** Where the time of a call goes, as a table. */
export const profileTable = async (name: string, call: () => unknown): Promise<Table> => {
  const shares = await profile(call);
  return {
    title: `Where the time of a call goes: ${name}`,
    head: ['function, without what it calls', 'share'],
    body: shares
      .filter(({ share }) => share >= LEAST)
      .map(({ place, share }) => [place, `${(100 * share).toFixed(1)} %`]),
  };
};

/** Where the time of a call goes, largest first. A call that gives a promise is awaited. */
const profile = async (call: () => unknown): Promise<Share[]> => {
  for (let made = 0; made < WARM_CALLS; made += 1) await call();
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
  await session.post('Profiler.start');
  for (let made = 0; made < CALLS; made += 1) await call();
  const { profile: found } = await session.post('Profiler.stop');
  session.disconnect();
  return sharesIn(found);
};

const sharesIn = ({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Share[] => {
  const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  const times = new Map<string, number>();
  let all = 0;
  for (const [index, id] of samples.entries()) {
    const place = places.get(id) ?? '';
    const time = timeDeltas[index] ?? 0;
    times.set(place, (times.get(place) ?? 0) + time);
    all += time;
  }
  return [...times]
    .map(([place, time]) => ({ place, share: time / all }))
    .toSorted((one, other) => other.share - one.share);
};

const OWN_NAMES: Readonly<Record<string, string>> = {
  '(program)': 'Node and V8: promises, the clock, the async context',
  '(garbage collector)': 'collection of garbage',
};

/** A function, by the file it is written in. */
const placeOf = ({ functionName, url, lineNumber }: Profiler.Profile['nodes'][0]['callFrame']) => {
  const own = OWN_NAMES[functionName];
  if (own !== undefined) return own;
  const file = url.includes('.cache/bench/') ? sourceOf(url, lineNumber) : undefined;
  return file === undefined
    ? 'the loop and the operation'
    : `${file}: ${functionName || 'a closure'}`;
};

const bundles = new Map<string, readonly string[]>();

/** esbuild writes the name of each file above what comes of it. */
const sourceOf = (url: string, line: number): string | undefined => {
  const lines = bundles.get(url) ?? readFileSync(fileURLToPath(url), 'utf8').split('\n');
  bundles.set(url, lines);
  const name = lines.slice(0, line + 1).findLast((text) => text.startsWith('// src/'));
  return name?.slice('// src/'.length);
};
