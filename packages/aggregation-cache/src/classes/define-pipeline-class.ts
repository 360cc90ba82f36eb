import type { Document } from 'mongodb';
import { invalidOption } from '../errors.js';
import { type ClassOptions, isConstant } from './class-options.js';
import { Findings } from './findings.js';
import { keepConstant } from './keep-constant.js';
import type { PipelineClass } from './pipeline-class.js';
import { readClassOptions } from './read-class-options.js';
import { STAGES } from './stages.js';

export interface PipelineClassOptions<Input, Params, Row> extends ClassOptions<Input, Params, Row> {
  /** Builds the stages from the parameters of a read. Must be pure: same parameters, same stages. */
  readonly pipeline: ((params: Params) => readonly Document[]) | readonly Document[];
}

/**
 * Declares a kind of aggregation. A pipeline that is given as an array is looked through and copied at once;
 * one that is built, at each read.
 * @throws INVALID_OPTION for a class that could never work; at a read, for a builder that returns no stages
 * @throws WRITE_STAGE, UNSUPPORTED_VALUE for an array of stages that could never be sent
 */
export const definePipelineClass = <Params = void, Row = Document, Input = Params>(
  given: PipelineClassOptions<Input, Params, Row>,
): PipelineClass<Input, Params, Row> => {
  const base = readClassOptions(given, ['pipeline'], ['collation', 'hint', 'let', 'allowDiskUse']);
  const stages = readStages<Params>(given.pipeline);
  const { options } = base;
  return Object.freeze({
    ...base,
    kind: 'aggregate' as const,
    build: (params: Params) => ({ kind: 'aggregate' as const, pipeline: stages(params), options }),
    isConstant: isConstant(given, ['pipeline']),
    unwrap: undefined,
  });
};

const readStages = <Params>(
  pipeline: PipelineClassOptions<unknown, Params, unknown>['pipeline'],
): ((params: Params) => readonly Document[]) => {
  if (typeof pipeline === 'function') return (params) => requireStages(pipeline(params));
  requireStages(pipeline);
  const { onNote } = new Findings('');
  const stages = keepConstant('pipeline', pipeline as readonly Document[], STAGES, { onNote });
  return () => stages;
};

/** @throws INVALID_OPTION */
const requireStages = (stages: unknown): readonly Document[] => {
  if (Array.isArray(stages)) return stages as readonly Document[];
  throw invalidOption('pipeline', stages, 'an array of stages, or a function that returns one');
};
