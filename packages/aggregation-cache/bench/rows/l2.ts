import {
  amount,
  type Findings,
  judge,
  median,
  type Table,
  type Verdict,
} from '@nestcms/bench/findings';
import type { Note, Settings } from '@nestcms/bench/settings';
import { PEERS } from '../columns/peers.ts';
import { contractDetails, objectsOf, openEngine, rowsOf } from '../support/engine.ts';
import { openStore } from '../support/open-store.ts';
import { connectTo, testbed } from '../support/servers.ts';
import { callsPerSecond } from '../support/throughput.ts';

const KEYS = 1_000;
const SLICE_MS = 300;
const LEAST_TIMES = 1.8;
const FLOOR = 'ioredis GET + JSON.parse';
const OURS = 'ours';

type Call = (index: number) => Promise<unknown>;

/** A hit in Redis, with nothing in memory. */
export const run = async ({ rounds }: Settings, note: Note): Promise<Findings> => {
  const server = await testbed.startRedis();
  try {
    const calls = await callsOver(server.url, note);
    const found = [];
    for (const callers of [1, 64]) found.push(await side(calls, { callers, rounds, note }));
    return {
      verdicts: found.map(({ verdict }) => verdict),
      tables: found.map(({ table }) => table),
    };
  } finally {
    await server.stop();
  }
};

const callsOver = async (url: string, note: Note): Promise<Readonly<Record<string, Call>>> => {
  const redis = connectTo(url);
  const pipelined = connectTo(url);
  pipelined.options.enableAutoPipelining = true;
  const values = Array.from({ length: KEYS }, (_, index) => objectsOf(1, index));
  for (const [index, value] of values.entries()) {
    await redis.set(`raw-${index}`, JSON.stringify(value));
  }
  const calls: Record<string, Call> = {
    [FLOOR]: async (index) => JSON.parse((await redis.get(`raw-${index}`)) ?? ''),
    'ioredis GET, text': (index) => redis.get(`raw-${index}`),
    'the same, auto-pipelining, + JSON.parse': async (index) =>
      JSON.parse((await pipelined.get(`raw-${index}`)) ?? ''),
    ...(await ourCalls(url)),
  };
  for (const [name, make] of Object.entries(PEERS)) {
    note(`filling ${name}`);
    const commands = connectTo(url);
    commands.options.keyPrefix = `${name}:`;
    const load = async (key: string) => values[Number(key)] ?? [];
    const remote = { commands, connect: () => connectTo(url) };
    const peer = await make({ load, redis: remote, memory: false });
    for (let index = 0; index < KEYS; index += 1) await peer.get(String(index));
    calls[name] = (index) => peer.get(String(index));
  }
  return calls;
};

const ourCalls = async (url: string): Promise<Record<string, Call>> => {
  let seed = 0;
  let loads = 0;
  const load = async () => {
    loads += 1;
    return rowsOf(1, seed);
  };
  const store = await openStore(connectTo(url));
  const { engine } = await openEngine({ load, store, memoryMaxBytes: 0 });
  const details = await contractDetails();
  const queries: Awaited<ReturnType<typeof engine.prepare>>[] = [];
  for (; seed < KEYS; seed += 1) {
    const query = await engine.prepare(details, { id: seed }, undefined);
    await query.read();
    queries.push(query);
  }
  const read = async (index: number) => {
    const answer = await queries[index]?.read();
    if (answer?.source !== 'remote') throw new Error(`From ${answer?.source}, ${loads} loads.`);
    return answer;
  };
  return {
    [OURS]: read,
    'ours, rows touched': async (index) => JSON.stringify((await read(index)).rows[0]).length,
  };
};

const side = async (
  calls: Readonly<Record<string, Call>>,
  {
    callers,
    rounds,
    note,
  }: { readonly callers: number; readonly rounds: number; readonly note: Note },
): Promise<{ verdict: Verdict; table: Table }> => {
  const rates = new Map(Object.keys(calls).map((name) => [name, [] as number[]]));
  for (let round = 0; round <= rounds; round += 1) {
    note(`${callers} at once, round ${round} of ${rounds}`);
    for (const [name, call] of Object.entries(calls)) {
      let next = 0;
      const inTurn = () => {
        next = (next + 1) % KEYS;
        return call(next);
      };
      rates.get(name)?.push(await callsPerSecond(inTurn, { callers, ms: SLICE_MS }));
    }
  }
  const floors = rates.get(FLOOR) ?? [];
  const found = [...rates].map(([name, all]) => ({
    name,
    rate: median(all.slice(1)),
    ratio: median(all.map((rate, round) => rate / (floors[round] ?? Number.NaN)).slice(1)),
  }));
  const own = found.find(({ name }) => name === OURS)?.ratio ?? 0;
  const rival = found
    .filter(({ name }) => name in PEERS)
    .toSorted((one, other) => other.ratio - one.ratio)[0];
  const bar =
    callers === 1 ? { bar: '', met: undefined } : judge(own, { least: LEAST_TIMES, unit: 'x' });
  return {
    verdict: {
      row: `hit in Redis, ${callers} at once, against GET + JSON.parse`,
      figure: `${own.toFixed(2)}x`,
      ...bar,
      rival: rival && `${rival.ratio.toFixed(2)}x ${rival.name}`,
    },
    table: {
      title: `Hit in Redis, 1 KB, ${callers} at once`,
      head: ['cache', 'x GET + JSON.parse', 'a second'],
      body: found.map(({ name, ratio, rate }) => [name, ratio.toFixed(2), amount(rate)]),
    },
  };
};
