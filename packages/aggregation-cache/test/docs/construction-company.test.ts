import { randomBytes, randomUUID } from 'node:crypto';
import type {} from '@nestcms/testbed';
import { expect, inject, it } from 'vitest';
import {
  contractEmployees,
  contractStatistics,
  earnings,
  projectRelations,
  userLookup,
} from '../../examples/construction-company/classes.js';
import { Writers } from '../../examples/construction-company/writers.js';
import type { ReadResult } from '../../src/index.js';
import {
  insertEverywhere,
  openCache,
  openClient,
  openDatabase,
  openStore,
} from '../support/open-cache.js';

const CONTRACT = { _id: 7, projectId: 3, title: 'Walls', state: 'open', employeeIds: [1, 2] };

const open = async () => {
  const { client } = await openClient(inject('mongodbUri'));
  const database = openDatabase(client);
  await insertEverywhere(database, 'users', [
    { _id: 1, name: 'Ada', role: 'engineer' },
    { _id: 2, name: 'Bo', role: 'mason' },
  ] as never);
  await insertEverywhere(database, 'projects', [{ _id: 3, title: 'Tower' }] as never);
  await insertEverywhere(database, 'contracts', [CONTRACT] as never);
  await insertEverywhere(database, 'payments', [{ contractId: 7, minor: 150 }]);
  const remote = await openStore(inject('redisCacheUrl'), { keyPrefix: randomUUID() });
  const sealKeys = [{ id: 'test', key: randomBytes(32) }];
  const cache = openCache({ client, database, remote, sealKeys });
  return { cache, writers: new Writers(client, database, cache) };
};

type Opened = Awaited<ReturnType<typeof open>>;
interface Case {
  readonly name: string;
  readonly replica: string;
  readonly read: (opened: Opened) => Promise<ReadResult<unknown>>;
  readonly write: (opened: Opened) => Promise<void>;
  readonly before: readonly unknown[];
  readonly after: readonly unknown[];
}

const rename = ({ writers }: Opened) => writers.renameUser({ _id: 1, name: 'Ada L.' });
const add = ({ writers }: Opened) =>
  writers.addContract({ ...CONTRACT, _id: 8, title: 'Roof', state: 'signed' });

const CASES: readonly Case[] = [
  {
    name: 'user lookups',
    replica: 'replica1',
    read: ({ cache }) => cache.read(userLookup, { userId: 1 }),
    write: rename,
    before: [{ _id: 1, name: 'Ada', role: 'engineer' }],
    after: [{ _id: 1, name: 'Ada L.', role: 'engineer' }],
  },
  {
    name: 'project relations',
    replica: 'replica2',
    read: ({ cache }) => cache.read(projectRelations, { projectId: 3 }),
    write: add,
    before: [{ _id: 3, title: 'Tower', contracts: ['Walls'] }],
    after: [{ _id: 3, title: 'Tower', contracts: ['Walls', 'Roof'] }],
  },
  {
    name: 'contract employees',
    replica: 'replica1',
    read: ({ cache }) => cache.read(contractEmployees, { contractId: 7 }),
    write: rename,
    before: [{ _id: 7, employees: ['Ada', 'Bo'] }],
    after: [{ _id: 7, employees: ['Ada L.', 'Bo'] }],
  },
  {
    name: 'earnings',
    replica: 'replica3',
    read: ({ cache }) => cache.read(earnings, { contractId: 7 }),
    write: ({ writers }) => writers.addPayment({ contractId: 7, minor: 50 }),
    before: [{ _id: 7, minor: 150 }],
    after: [{ _id: 7, minor: 200 }],
  },
  {
    name: 'statistics',
    replica: 'replica2',
    read: ({ cache }) => cache.read(contractStatistics),
    write: add,
    before: [{ _id: 'open', contracts: 1 }],
    after: [
      { _id: 'open', contracts: 1 },
      { _id: 'signed', contracts: 1 },
    ],
  },
];

it.each(CASES)(
  '$name are read from $replica, kept, and read anew after a write',
  async ({ replica, read, write, before, after }) => {
    const opened = await open();
    const first = await read(opened);
    expect([first.cache, first.rows]).toEqual(['MISS', before]);
    expect(first.member?.tags).toMatchObject({ replica });
    expect(await read(opened)).toMatchObject({ cache: 'HIT', rows: before });
    await write(opened);
    const second = await read(opened);
    expect([second.cache, second.rows]).toEqual(['MISS', after]);
    expect(second.member?.tags).toMatchObject({ replica });
  },
);
