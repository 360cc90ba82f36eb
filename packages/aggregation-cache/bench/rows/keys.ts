import { hash } from 'node:crypto';
import { compare } from '@nestcms/bench/compare';
import { figureNamed, figureTable } from '@nestcms/bench/figures';
import { amount, type Findings, judge, type Verdict } from '@nestcms/bench/findings';
import type { Note, Settings } from '@nestcms/bench/settings';
import { BSON } from 'mongodb';
import { loadBuilt } from '../support/build.ts';
import { contractDetails, openEngine } from '../support/engine.ts';

const MOST_COLD_NS = 6_000;
const MOST_PREPARED_NS = 300;

/** The key of a four-stage pipeline. */
export const run = async ({ rounds }: Settings, note: Note): Promise<Findings> => {
  const { cacheKey, definePipelineClass } = await loadBuilt('index');
  const { engine } = await openEngine({ load: async () => [] });
  const details = await contractDetails();
  const constant = definePipelineClass({
    name: 'constant',
    collection: 'contracts',
    pipeline: [{ $match: { status: 'open' } }, { $sort: { _id: 1 } }],
  });
  const build = details.build;
  let id = 0;
  const pipelineOf = () => {
    id += 1;
    const built = build({ id });
    return built.kind === 'aggregate' ? built.pipeline : [];
  };
  const scope = { database: 'shop', collection: 'contracts', pipelineClass: details };
  const columns = [
    { name: 'bare: pipeline built', call: pipelineOf },
    {
      name: 'floor: BSON and its hash',
      call: () => hash('sha256', BSON.serialize({ pipeline: pipelineOf() }), 'base64url'),
    },
    {
      name: 'floor: JSON and its hash',
      call: () => hash('sha256', JSON.stringify(pipelineOf()), 'base64url'),
    },
    { name: 'ours: key, cold', call: () => cacheKey({ ...scope, pipeline: pipelineOf() }) },
    {
      name: 'ours: read made ready, key and dependencies',
      call: () => {
        id += 1;
        return engine.prepare(details, { id }, undefined);
      },
    },
    {
      name: 'ours: read made ready, constant class',
      call: () => engine.prepare(constant, undefined, undefined),
    },
  ];
  const figures = await compare(columns, { rounds, note });
  const verdict = (row: string, column: string, most: number): Verdict => {
    const { ns } = figureNamed(figures, column);
    const floor = `${amount(figureNamed(figures, 'floor: BSON and its hash').ns)} ns`;
    return { row, figure: `${amount(ns)} ns`, ...judge(ns, { most, unit: ' ns' }), floor };
  };
  return {
    verdicts: [
      verdict('key, cold', 'ours: key, cold', MOST_COLD_NS),
      verdict('read made ready again', 'ours: read made ready, constant class', MOST_PREPARED_NS),
    ],
    tables: [figureTable('Key of a pipeline of four stages', figures)],
  };
};
